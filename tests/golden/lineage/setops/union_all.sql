-- dialect: duckdb
-- schema: t(a, b), u(x, y)
select a, b from t union all select x, y + 1 from u
-- expected
-- columns: a, b
-- reads: t, u
-- a <- t.a IDENTITY
-- a <- u.x IDENTITY
-- b <- t.b IDENTITY
-- b <- u.y TRANSFORMATION : y + 1
