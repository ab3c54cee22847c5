-- dialect: clickhouse
-- schema: t(id, arr)
select id, arrayJoin(arr) as x from t
-- expected
-- columns: id, x
-- reads: t
-- id <- t.id IDENTITY
-- x <- t.arr TRANSFORMATION : arrayJoin(arr)
-- (all) <- t.arr JOIN : arrayJoin(arr)
