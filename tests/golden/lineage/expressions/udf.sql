-- dialect: databricks
-- schema: t(a, b, c)
-- why: an unknown function is taken as a function of each row
select cat.sch.my_udf(a, b) as v from t
-- expected
-- columns: v
-- reads: t
-- v <- t.a TRANSFORMATION : cat.sch.my_udf(a, b)
-- v <- t.b TRANSFORMATION : cat.sch.my_udf(a, b)
