-- dialect: duckdb
-- schema: t(a, b, c)
select * from t
-- expected
-- columns: a, b, c
-- reads: t
-- a <- t.a IDENTITY : *
-- b <- t.b IDENTITY : *
-- c <- t.c IDENTITY : *
