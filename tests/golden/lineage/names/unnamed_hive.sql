-- dialect: hive
-- schema: t(a, b, c)
select a + b, upper(c) from t
-- expected
-- columns: _c0, _c1
-- reads: t
-- _c0 <- t.a TRANSFORMATION : a + b
-- _c0 <- t.b TRANSFORMATION : a + b
-- _c1 <- t.c TRANSFORMATION : upper(c)
