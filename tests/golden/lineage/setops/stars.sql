-- dialect: duckdb
-- schema: t(a, b), u(x, y)
select * from t union all select * from u
-- expected
-- columns: a, b
-- reads: t, u
-- a <- t.a IDENTITY : *
-- a <- u.x IDENTITY : *
-- b <- t.b IDENTITY : *
-- b <- u.y IDENTITY : *
