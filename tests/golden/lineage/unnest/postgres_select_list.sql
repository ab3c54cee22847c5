-- dialect: postgres
-- schema: t(id, arr)
-- why: in the select list it makes rows as well
select id, unnest(arr) as x from t
-- expected
-- columns: id, x
-- reads: t
-- id <- t.id IDENTITY
-- x <- t.arr TRANSFORMATION : unnest(arr)
-- (all) <- t.arr JOIN : unnest(arr)
