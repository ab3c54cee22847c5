-- dialect: presto
-- schema: t(a, b, c)
select sum(a), b from t
-- expected
-- columns: _col0, b
-- reads: t
-- _col0 <- t.a AGGREGATION : sum(a)
-- b <- t.b IDENTITY
