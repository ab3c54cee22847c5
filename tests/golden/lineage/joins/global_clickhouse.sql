-- dialect: clickhouse
-- schema: t(id, a), u(id, x)
select t.a, u.x from t global inner join u on t.id = u.id
-- expected
-- columns: a, x
-- reads: t, u
-- a <- t.a IDENTITY : t.a
-- x <- u.x IDENTITY : u.x
-- (all) <- t.id JOIN : t.id = u.id
-- (all) <- u.id JOIN : t.id = u.id
