-- dialect: spark
-- schema: t(id, arr)
select id, pos, x from t lateral view posexplode(arr) p as pos, x
-- expected
-- columns: id, pos, x
-- reads: t
-- id <- t.id IDENTITY
-- x <- t.arr TRANSFORMATION : posexplode(arr) p as pos
-- (all) <- t.arr JOIN : posexplode(arr) p as pos
