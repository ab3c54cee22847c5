-- dialect: postgres
-- schema: t(a, b, c)
-- why: in ORDER BY the result's own name comes before the source's
select b as a, c from t order by a
-- expected
-- columns: a, c
-- reads: t
-- a <- t.b IDENTITY
-- c <- t.c IDENTITY
-- (all) <- t.b SORT : a
