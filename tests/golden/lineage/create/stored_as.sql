-- dialect: hive
-- schema: t(a, b, c)
create table x stored as parquet as select a, b from t
-- expected
-- columns: x/a, x/b
-- reads: t
-- writes: x
-- x/a <- t.a IDENTITY
-- x/b <- t.b IDENTITY
