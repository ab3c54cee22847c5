-- dialect: duckdb
-- schema: t(a), u(x)
select a, x from t positional join u
-- expected
-- columns: a, x
-- reads: t, u
-- a <- t.a IDENTITY
-- x <- u.x IDENTITY
