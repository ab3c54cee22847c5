-- dialect: mysql
-- schema: t(a, b, c)
select a from t use index (i) force index (j) where b = 1
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
-- (all) <- t.b FILTER : b = 1
