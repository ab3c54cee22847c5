-- dialect: tsql
-- schema: t(a, b, c)
select a into ##g from t
-- expected
-- columns: ##g/a
-- reads: t
-- writes: ##g (temporary)
-- ##g/a <- t.a IDENTITY
