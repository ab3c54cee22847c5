-- dialect: spark
-- schema: t(id, arr)
select id, explode(arr) as x, explode(arr) from t
-- expected
-- columns: id, x, col
-- reads: t
-- id <- t.id IDENTITY
-- x <- t.arr TRANSFORMATION : explode(arr)
-- col <- t.arr TRANSFORMATION : explode(arr)
-- (all) <- t.arr JOIN : explode(arr)
