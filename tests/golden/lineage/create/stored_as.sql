-- dialect: hive
-- schema: t(a, b, c)
create table x stored as parquet as select a, b from t
-- expected
-- columns: x/a, x/b
-- writes: x
-- x/a <- t.a IDENTITY
-- x/b <- t.b IDENTITY
