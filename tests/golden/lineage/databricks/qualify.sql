-- dialect: databricks
-- schema: t(a, b, c)
select a from t qualify rank() over (order by b) = 1
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
-- (all) <- t.b FILTER : rank() over (order by b) = 1
