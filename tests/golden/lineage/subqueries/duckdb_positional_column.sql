-- dialect: duckdb
-- schema: t(a)
select #1 from t
-- expected
-- columns: a
-- a <- t.a IDENTITY
