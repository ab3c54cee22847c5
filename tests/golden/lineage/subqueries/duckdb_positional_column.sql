-- dialect: duckdb
-- schema: t(a)
select #1 from t
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
