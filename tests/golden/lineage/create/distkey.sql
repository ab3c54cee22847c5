-- dialect: redshift
-- schema: t(a, b, c)
create table x distkey (a) sortkey (b) as select a, b from t
-- expected
-- columns: x/a, x/b
-- reads: t
-- writes: x
-- x/a <- t.a IDENTITY
-- x/b <- t.b IDENTITY
