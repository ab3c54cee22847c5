-- dialect: duckdb
-- schema: t(id, l)
select id, u.x from t, unnest(l) as u (x)
-- expected
-- columns: id, x
-- reads: t
-- id <- t.id IDENTITY
-- x <- t.l TRANSFORMATION : unnest(l) as u (x)
-- (all) <- t.l JOIN : unnest(l) as u (x)
