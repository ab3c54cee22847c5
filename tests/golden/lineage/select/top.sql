-- dialect: tsql
-- schema: t(a, b, c)
select top 5 a from t order by b desc
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
-- (all) <- t.b SORT
