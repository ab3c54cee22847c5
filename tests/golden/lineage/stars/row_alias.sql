-- dialect: postgres
-- schema: t(a, b)
-- why: the alias as a value is the whole row
select row_to_json(t) as j, count(t) as n from t
-- expected
-- columns: j, n
-- j <- t.a TRANSFORMATION : row_to_json(t)
-- j <- t.b TRANSFORMATION : row_to_json(t)
-- n <- t.a AGGREGATION : count(t)
-- n <- t.b AGGREGATION : count(t)
