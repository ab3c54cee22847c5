-- dialect: postgres
-- schema: t(a, b, c)
select a from t order by b limit 10 offset 5
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
-- (all) <- t.b SORT
