-- dialect: mysql
-- schema: t(id, a, b), u(id, x, y)
select a from t order by (select max(x) from u where u.id = t.id)
-- expected
-- columns: a
-- reads: t, u
-- a <- t.a IDENTITY
-- (all) <- u.x SORT : (select max(x) from u where u.id = t.id)
-- (all) <- u.id SORT : (select max(x) from u where u.id = t.id)
-- (all) <- t.id SORT : (select max(x) from u where u.id = t.id)
