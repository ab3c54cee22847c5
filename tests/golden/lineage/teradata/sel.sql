-- dialect: teradata
-- schema: t(a, b, c)
sel a, b from t where c = 1
-- expected
-- columns: a, b
-- reads: t
-- a <- t.a IDENTITY
-- b <- t.b IDENTITY
-- (all) <- t.c FILTER : c = 1
