-- dialect: duckdb
-- schema: t(a, b)
select a from t where columns(*) > 0
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
-- (all) <- t.a FILTER : columns(*) > 0
-- (all) <- t.b FILTER : columns(*) > 0
