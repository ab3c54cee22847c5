-- dialect: tsql
-- schema: t(a, b, c)
-- why: name = expression
select total = a + b, [net] = c from t
-- expected
-- columns: total, net
-- reads: t
-- total <- t.a TRANSFORMATION : a + b
-- total <- t.b TRANSFORMATION : a + b
-- net <- t.c IDENTITY
