-- dialect: clickhouse
-- schema: t(id, a), u(id, x)
select a, x from t any left join u using id
-- expected
-- columns: a, x
-- reads: t, u
-- a <- t.a IDENTITY
-- x <- u.x IDENTITY
-- (all) <- t.id JOIN
-- (all) <- u.id JOIN
