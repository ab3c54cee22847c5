-- dialect: postgres
-- schema: t(id, a, b), u(id, x, y), v(id, z)
select t.a, u.x from t join u on t.id = u.id and u.y > 1
-- expected
-- columns: a, x
-- a <- t.a IDENTITY : t.a
-- x <- u.x IDENTITY : u.x
-- (all) <- t.id JOIN : t.id = u.id and u.y > 1
-- (all) <- u.id JOIN : t.id = u.id and u.y > 1
-- (all) <- u.y JOIN : t.id = u.id and u.y > 1
