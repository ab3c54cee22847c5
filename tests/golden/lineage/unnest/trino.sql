-- dialect: trino
-- schema: t(id, arr)
select id, x from t cross join unnest(arr) as u (x)
-- expected
-- columns: id, x
-- reads: t
-- id <- t.id IDENTITY
-- x <- t.arr TRANSFORMATION : unnest(arr) as u (x)
-- (all) <- t.arr JOIN : unnest(arr) as u (x)
