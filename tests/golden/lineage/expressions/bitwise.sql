-- dialect: mysql
-- schema: t(a, b, c)
select a & b | c as bits from t
-- expected
-- columns: bits
-- reads: t
-- bits <- t.a TRANSFORMATION : a & b | c
-- bits <- t.b TRANSFORMATION : a & b | c
-- bits <- t.c TRANSFORMATION : a & b | c
