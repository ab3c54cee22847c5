-- dialect: mysql
-- schema: t(a, b, c)
select a + b * 2 - c as n from t
-- expected
-- columns: n
-- reads: t
-- n <- t.a TRANSFORMATION : a + b * 2 - c
-- n <- t.b TRANSFORMATION : a + b * 2 - c
-- n <- t.c TRANSFORMATION : a + b * 2 - c
