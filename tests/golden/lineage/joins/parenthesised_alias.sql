-- dialect: duckdb
-- schema: t(id, a, b), u(id, x, y), v(id, z)
select j.a, j.x from (t join u on t.a = u.x) as j
-- expected
-- columns: a, x
-- reads: t, u
-- a <- t.a IDENTITY
-- x <- u.x IDENTITY
-- (all) <- t.a JOIN : t.a = u.x
-- (all) <- u.x JOIN : t.a = u.x
