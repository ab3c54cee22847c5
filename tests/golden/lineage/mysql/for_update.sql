-- dialect: mysql
-- schema: t(a, b, c)
select a from t where b = 1 for update
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
-- (all) <- t.b FILTER : b = 1
