-- dialect: trino
-- schema: t(id, m)
-- why: a map gives two columns
select id, k, v from t cross join unnest(m) as u (k, v)
-- expected
-- columns: id, k, v
-- id <- t.id IDENTITY
-- k <- t.m TRANSFORMATION : unnest(m) as u (k, v)
-- v <- t.m TRANSFORMATION : unnest(m) as u (k, v)
-- (all) <- t.m JOIN : unnest(m) as u (k, v)
