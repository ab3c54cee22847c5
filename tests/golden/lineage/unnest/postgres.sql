-- dialect: postgres
-- schema: t(id, arr)
select id, x from t, unnest(arr) as x
-- expected
-- columns: id, x
-- reads: t
-- id <- t.id IDENTITY
-- x <- t.arr TRANSFORMATION : unnest(arr) as x
-- (all) <- t.arr JOIN : unnest(arr) as x
