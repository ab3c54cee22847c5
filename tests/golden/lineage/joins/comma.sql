-- dialect: mysql
-- schema: t(id, a, b), u(id, x, y), v(id, z)
select a, x from t, u where t.id = u.id
-- expected
-- columns: a, x
-- reads: t, u
-- a <- t.a IDENTITY
-- x <- u.x IDENTITY
-- (all) <- t.id FILTER : t.id = u.id
-- (all) <- u.id FILTER : t.id = u.id
