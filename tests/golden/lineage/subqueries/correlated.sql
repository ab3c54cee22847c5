-- dialect: duckdb
-- schema: t(id, a, b), u(id, x, y)
select t.a, (select sum(u.x) from u where u.id = t.id) as s from t
-- expected
-- columns: a, s
-- reads: t, u
-- a <- t.a IDENTITY : t.a
-- s <- u.x AGGREGATION : sum(u.x)
-- s <- u.id FILTER : u.id = t.id
-- s <- t.id FILTER : u.id = t.id
