-- dialect: duckdb
-- schema: t(a, b)
select a, b from t union all select * from u
-- expected
-- columns: a, b
-- reads: t, u
-- a <- t.a IDENTITY
-- a <- u.a IDENTITY ambiguous
-- b <- t.b IDENTITY
-- b <- u.b IDENTITY ambiguous
