-- dialect: duckdb
-- schema: t(id, a, b), u(id, x, y), v(id, z)
-- why: the right side has all rows, so the value is the right one's
select id, a from t right join u using (id)
-- expected
-- columns: id, a
-- id <- u.id IDENTITY
-- a <- t.a IDENTITY
-- (all) <- t.id JOIN
-- (all) <- u.id JOIN
