-- sqlglot: 30.30
-- dialect: postgres
-- schema: t(a, b, c)
table t
-- expected
-- columns: a, b, c
-- reads: t
-- a <- t.a IDENTITY
-- b <- t.b IDENTITY
-- c <- t.c IDENTITY
