-- dialect: postgres
-- schema: t(id, a, b), u(id, x, y)
select id, array(select x from u where u.id = t.id) as xs from t
-- expected
-- columns: id, xs
-- reads: t, u
-- id <- t.id IDENTITY
-- xs <- u.x TRANSFORMATION : array(select x from u where u.id = t.id)
-- xs <- u.id FILTER : array(select x from u where u.id = t.id)
-- xs <- t.id FILTER : array(select x from u where u.id = t.id)
