-- dialect: spark
-- schema: t(a)
select map('k', a)['k'] as v from t
-- expected
-- columns: v
-- reads: t
-- v <- t.a TRANSFORMATION : map('k', a)['k']
