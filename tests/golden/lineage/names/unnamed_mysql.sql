-- dialect: mysql
-- schema: t(a, b, c)
select a + b, count(*), upper(c) from t
-- expected
-- columns: a + b, count(*), upper(c)
-- reads: t
-- a + b <- t.a TRANSFORMATION : a + b
-- a + b <- t.b TRANSFORMATION : a + b
-- upper(c) <- t.c TRANSFORMATION : upper(c)
