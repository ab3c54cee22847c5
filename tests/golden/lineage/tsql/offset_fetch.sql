-- dialect: tsql
-- schema: t(a, b, c)
select a from t order by b offset 10 rows fetch next 5 rows only
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
-- (all) <- t.b SORT
