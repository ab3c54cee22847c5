-- dialect: teradata
-- schema: t(a, b, c)
select a + b, c (named see) from t
-- expected
-- columns: a + b, see
-- reads: t
-- a + b <- t.a TRANSFORMATION : a + b
-- a + b <- t.b TRANSFORMATION : a + b
-- see <- t.c IDENTITY
