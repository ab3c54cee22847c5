-- dialect: mysql
-- schema: t(id, a), u(id, x)
select a, x from t straight_join u on t.id = u.id
-- expected
-- columns: a, x
-- reads: t, u
-- a <- t.a IDENTITY
-- x <- u.x IDENTITY
-- (all) <- t.id JOIN : t.id = u.id
-- (all) <- u.id JOIN : t.id = u.id
