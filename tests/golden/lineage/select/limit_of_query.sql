-- dialect: duckdb
-- schema: t(a, b, c)
-- why: How many rows there are can come from data
select a, b from t limit (select max(c) from t)
-- expected
-- columns: a, b
-- reads: t
-- a <- t.a IDENTITY
-- b <- t.b IDENTITY
-- (all) <- t.c FILTER : (select max(c) from t)
