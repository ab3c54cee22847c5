-- dialect: duckdb
-- schema: t(a, b, c)
select a, b from t where c in (select unnest([1, 2]))
-- expected
-- columns: a, b
-- reads: t
-- a <- t.a IDENTITY
-- b <- t.b IDENTITY
-- (all) <- t.c FILTER : c in (select unnest([1, 2]))
