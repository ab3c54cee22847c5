-- dialect: spark
-- schema: t(id, a, b), u(id, x, y)
select /*+ broadcast(u) */ t.a, u.x from t join u on t.id = u.id
-- expected
-- columns: a, x
-- reads: t, u
-- a <- t.a IDENTITY : t.a
-- x <- u.x IDENTITY : u.x
-- (all) <- t.id JOIN : t.id = u.id
-- (all) <- u.id JOIN : t.id = u.id
