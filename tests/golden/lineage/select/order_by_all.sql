-- dialect: duckdb
-- schema: t(a, b, c)
select a, b from t order by all
-- expected
-- columns: a, b
-- reads: t
-- a <- t.a IDENTITY
-- b <- t.b IDENTITY
-- (all) <- t.a SORT
-- (all) <- t.b SORT
