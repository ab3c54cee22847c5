-- dialect: databricks
-- schema: t(id, arr)
select id, posexplode(arr) as (pos, x) from t
-- expected
-- columns: id, pos, x
-- reads: t
-- id <- t.id IDENTITY
-- x <- t.arr TRANSFORMATION : posexplode(arr) as (pos, x)
-- (all) <- t.arr JOIN : posexplode(arr) as (pos, x)
