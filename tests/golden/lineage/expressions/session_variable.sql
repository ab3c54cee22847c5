-- dialect: mysql
-- schema: t(a, b, c)
-- why: a variable is no column
select a + @offset as x from t
-- expected
-- columns: x
-- reads: t
-- x <- t.a TRANSFORMATION : a + @offset
