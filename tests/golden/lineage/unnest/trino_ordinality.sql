-- dialect: trino
-- schema: t(id, arr)
select id, x, n from t cross join unnest(arr) with ordinality as u (x, n)
-- expected
-- columns: id, x, n
-- reads: t
-- id <- t.id IDENTITY
-- x <- t.arr TRANSFORMATION : unnest(arr) with ordinality as u (x, n)
-- (all) <- t.arr JOIN : unnest(arr) with ordinality as u (x, n)
