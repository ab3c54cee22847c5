-- dialect: duckdb
-- schema: t(a, b, c)
create or replace table x as from t
-- expected
-- columns: x/a, x/b, x/c
-- reads: t
-- writes: x
-- x/a <- t.a IDENTITY
-- x/b <- t.b IDENTITY
-- x/c <- t.c IDENTITY
