-- dialect: duckdb
-- schema: t(id, l)
select id, unnest(l) as x, unnest([1, 2]) as n from t
-- expected
-- columns: id, x, n
-- reads: t
-- id <- t.id IDENTITY
-- x <- t.l TRANSFORMATION : unnest(l)
-- (all) <- t.l JOIN : unnest(l)
