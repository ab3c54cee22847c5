-- dialect: duckdb
-- schema: t(id, l)
select id, unnest from t, unnest(l)
-- expected
-- columns: id, unnest
-- reads: t
-- id <- t.id IDENTITY
-- unnest <- t.l TRANSFORMATION : unnest(l)
-- (all) <- t.l JOIN : unnest(l)
