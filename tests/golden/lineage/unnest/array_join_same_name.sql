-- dialect: clickhouse
-- schema: t(id, arr)
-- why: without an alias the name means the element from here on
select id, arr from t left array join arr
-- expected
-- columns: id, arr
-- reads: t
-- id <- t.id IDENTITY
-- arr <- t.arr TRANSFORMATION
-- (all) <- t.arr JOIN
