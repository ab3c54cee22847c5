-- dialect: duckdb
-- schema: t(a, b, c)
select a from t using sample 10%
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
