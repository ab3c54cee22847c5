-- dialect: spark
-- schema: t(a, b, c)
select a from t tablesample (10 percent)
-- expected
-- columns: a
-- a <- t.a IDENTITY
