-- dialect: postgres
-- schema: t(a, b, c)
select distinct on (a) b, c from t order by a, b desc
-- expected
-- columns: b, c
-- b <- t.b IDENTITY
-- c <- t.c IDENTITY
-- (all) <- t.a GROUP_BY
-- (all) <- t.a SORT
-- (all) <- t.b SORT
