-- dialect: postgres
-- schema: t(a, b, c)
select a from t tablesample bernoulli (10)
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
