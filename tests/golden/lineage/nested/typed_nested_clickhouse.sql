-- dialect: clickhouse
-- schema: t(id Int64, n Nested(x Int32, y String), pair Tuple(a Int8, b String))
select id, n.x, pair.b from t array join n
-- expected
-- columns: id, x, b
-- reads: t
-- id <- t.id IDENTITY
-- x <- t.n[x] TRANSFORMATION
-- b <- t.pair[b] IDENTITY : pair.b
-- (all) <- t.n JOIN
