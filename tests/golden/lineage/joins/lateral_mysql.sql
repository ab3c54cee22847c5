-- dialect: mysql
-- schema: t(id, a, b), u(id, x, y), v(id, z)
select t.a, l.s from t, lateral (select sum(u.x) as s from u where u.id = t.id) l
-- expected
-- columns: a, s
-- reads: t, u
-- a <- t.a IDENTITY : t.a
-- s <- u.x AGGREGATION : sum(u.x)
-- (all) <- u.id FILTER : u.id = t.id
-- (all) <- t.id FILTER : u.id = t.id
