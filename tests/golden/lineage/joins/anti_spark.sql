-- dialect: spark
-- schema: t(id, a, b), u(id, x, y), v(id, z)
select * from t left anti join u on t.id = u.id
-- expected
-- columns: id, a, b
-- id <- t.id IDENTITY : *
-- a <- t.a IDENTITY : *
-- b <- t.b IDENTITY : *
-- (all) <- t.id JOIN : t.id = u.id
-- (all) <- u.id JOIN : t.id = u.id
