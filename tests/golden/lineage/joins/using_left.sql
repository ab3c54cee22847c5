-- dialect: duckdb
-- schema: t(id, a, b), u(id, x, y), v(id, z)
select id, x from t left join u using (id)
-- expected
-- columns: id, x
-- reads: t, u
-- id <- t.id IDENTITY
-- x <- u.x IDENTITY
-- (all) <- t.id JOIN
-- (all) <- u.id JOIN
