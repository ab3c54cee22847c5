-- dialect: postgres
-- schema: t(id, a, b), u(id, x, y), v(id, z)
select t.a, l.best from t left join lateral (select max(u.x) as best from u where u.id = t.id) l on true
-- expected
-- columns: a, best
-- reads: t, u
-- a <- t.a IDENTITY : t.a
-- best <- u.x AGGREGATION : max(u.x)
-- (all) <- u.id FILTER : u.id = t.id
-- (all) <- t.id FILTER : u.id = t.id
