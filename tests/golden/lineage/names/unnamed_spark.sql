-- dialect: spark
-- schema: t(a, b, c)
select count(*), sum(a), a + b, cast(a as string) from t
-- expected
-- columns: count(1), sum(a), (a + b), a
-- reads: t
-- sum(a) <- t.a AGGREGATION : sum(a)
-- (a + b) <- t.a TRANSFORMATION : a + b
-- (a + b) <- t.b TRANSFORMATION : a + b
-- a <- t.a TRANSFORMATION : cast(a as string)
