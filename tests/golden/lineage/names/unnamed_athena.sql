-- dialect: athena
-- schema: t(a, b, c)
select count(*), a, a + b from t
-- expected
-- columns: _col0, a, _col2
-- reads: t
-- a <- t.a IDENTITY
-- _col2 <- t.a TRANSFORMATION : a + b
-- _col2 <- t.b TRANSFORMATION : a + b
