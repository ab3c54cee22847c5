-- dialect: spark
-- schema: t(a, b, c)
select a from t tablesample (10 percent)
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
