-- dialect: duckdb
-- schema: t(id, a, b), u(id, x, y), v(id, z)
select t.a, u.x from t cross join u
-- expected
-- columns: a, x
-- reads: t, u
-- a <- t.a IDENTITY : t.a
-- x <- u.x IDENTITY : u.x
