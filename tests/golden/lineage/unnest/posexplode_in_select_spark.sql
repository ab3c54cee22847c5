-- dialect: spark
-- schema: t(id, xs)
select id, posexplode(xs) from t
-- expected
-- columns: id, pos, col
-- reads: t
-- id <- t.id IDENTITY
-- col <- t.xs TRANSFORMATION : posexplode(xs)
-- (all) <- t.xs JOIN : posexplode(xs)
