-- dialect: trino
-- schema: t(id, a, b), u(id, x, y), v(id, z)
select a, x from t join u using (id) where id > 1
-- expected
-- columns: a, x
-- a <- t.a IDENTITY
-- x <- u.x IDENTITY
-- (all) <- t.id JOIN
-- (all) <- u.id JOIN
-- (all) <- t.id FILTER : id > 1
