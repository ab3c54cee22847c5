-- dialect: trino
-- schema: t(a, b, c)
select a, count(*), a + b from t
-- expected
-- columns: a, _col1, _col2
-- reads: t
-- a <- t.a IDENTITY
-- _col2 <- t.a TRANSFORMATION : a + b
-- _col2 <- t.b TRANSFORMATION : a + b
