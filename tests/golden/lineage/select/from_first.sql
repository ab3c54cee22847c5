-- dialect: duckdb
-- schema: t(a, b, c)
from t select a, b where c > 1
-- expected
-- columns: a, b
-- reads: t
-- a <- t.a IDENTITY
-- b <- t.b IDENTITY
-- (all) <- t.c FILTER : c > 1
