-- dialect: tsql
-- schema: t(a, b, c)
select a + @offset as x from t where b = @day
-- expected
-- columns: x
-- reads: t
-- x <- t.a TRANSFORMATION : a + @offset
-- (all) <- t.b FILTER : b = @day
