-- dialect: duckdb
-- schema: t(id, a, b), u(id, x, y)
-- why: both columns are called id: the outer name means the first
select id from (select t.id, u.id from t join u on t.id = u.id) s
-- expected
-- columns: id
-- reads: t, u
-- id <- t.id IDENTITY : t.id
-- (all) <- t.id JOIN : t.id = u.id
-- (all) <- u.id JOIN : t.id = u.id
