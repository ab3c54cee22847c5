-- dialect: databricks
-- schema: t(id, a, b), u(id, x, y), v(id, z)
select a from t left semi join u on t.id = u.id where b > 1
-- expected
-- columns: a
-- reads: t, u
-- a <- t.a IDENTITY
-- (all) <- t.id JOIN : t.id = u.id
-- (all) <- u.id JOIN : t.id = u.id
-- (all) <- t.b FILTER : b > 1
