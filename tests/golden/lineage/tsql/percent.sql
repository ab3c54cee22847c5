-- dialect: tsql
-- schema: t(a, b, c)
select top 10 percent with ties a from t order by b
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
-- (all) <- t.b SORT
