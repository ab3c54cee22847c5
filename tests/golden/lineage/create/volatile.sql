-- dialect: teradata
-- schema: t(a, b, c)
create volatile table x as (select a, b from t) with data on commit preserve rows; select b from x
-- expected
-- columns: x/a, x/b, b
-- reads: t
-- writes: x (temporary)
-- x/a <- t.a IDENTITY
-- x/b <- t.b IDENTITY
-- b <- t.b IDENTITY
