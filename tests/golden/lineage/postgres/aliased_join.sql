-- dialect: postgres
-- schema: t(id, a, b), u(id, x, y)
select j.a, j.x from (t join u on t.id = u.id) as j
-- expected
-- columns: a, x
-- reads: t, u
-- a <- t.a IDENTITY
-- x <- u.x IDENTITY
-- (all) <- t.id JOIN : t.id = u.id
-- (all) <- u.id JOIN : t.id = u.id
