-- dialect: duckdb
-- schema: t(a), u(x)
select a from t except all select x from u
-- expected
-- columns: a
-- reads: t, u
-- a <- t.a IDENTITY
-- (all) <- t.a FILTER
-- (all) <- u.x FILTER
