-- dialect: spark
-- schema: t(a, b, c)
cache table c as select a from t; select a from c
-- expected
-- columns: c/a, a
-- reads: t
-- writes: c (temporary)
-- c/a <- t.a IDENTITY
-- a <- t.a IDENTITY
