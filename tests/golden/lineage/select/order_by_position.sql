-- dialect: mysql
-- schema: t(a, b, c)
select a, b + c as s from t order by 2
-- expected
-- columns: a, s
-- a <- t.a IDENTITY
-- s <- t.b TRANSFORMATION : b + c
-- s <- t.c TRANSFORMATION : b + c
-- (all) <- t.b SORT : 2
-- (all) <- t.c SORT : 2
