-- dialect: clickhouse
-- schema: t(id, arr)
select id, x from t array join arr as x
-- expected
-- columns: id, x
-- reads: t
-- id <- t.id IDENTITY
-- x <- t.arr TRANSFORMATION
-- (all) <- t.arr JOIN
