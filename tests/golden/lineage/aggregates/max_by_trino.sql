-- dialect: trino
-- schema: t(a, b, c)
select max_by(a, b) as x from t
-- expected
-- columns: x
-- reads: t
-- x <- t.a AGGREGATION : max_by(a, b)
-- x <- t.b CONDITIONAL : max_by(a, b)
