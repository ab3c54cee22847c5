-- dialect: spark
-- schema: t(id, arr)
select id, x from t lateral view explode(arr) e as x
-- expected
-- columns: id, x
-- reads: t
-- id <- t.id IDENTITY
-- x <- t.arr TRANSFORMATION : explode(arr) e as x
-- (all) <- t.arr JOIN : explode(arr) e as x
