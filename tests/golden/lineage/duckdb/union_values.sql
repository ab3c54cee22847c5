-- dialect: duckdb
-- schema: t(a, b, c)
select a from t union all values (1), (2)
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
