-- dialect: trino
-- schema: t(a, b, c)
select extract(year from a) as y from t
-- expected
-- columns: y
-- reads: t
-- y <- t.a TRANSFORMATION : extract(year from a)
