-- dialect: duckdb
-- schema: t(a, b, c)
select a from t where a = 1 and a = 2 and b = 3 and c = 4 or b = 5
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
-- (all) <- t.a FILTER : a = 1 and a = 2 and b = 3 and c = 4 or b = 5
-- (all) <- t.b FILTER : a = 1 and a = 2 and b = 3 and c = 4 or b = 5
-- (all) <- t.c FILTER : a = 1 and a = 2 and b = 3 and c = 4 or b = 5
