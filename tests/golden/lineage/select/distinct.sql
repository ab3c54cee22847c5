-- dialect: duckdb
-- schema: t(a, b, c)
-- why: DISTINCT groups the rows by all columns
select distinct a, b + 1 as next from t
-- expected
-- columns: a, next
-- a <- t.a IDENTITY
-- next <- t.b TRANSFORMATION : b + 1
-- (all) <- t.a GROUP_BY
-- (all) <- t.b GROUP_BY : b + 1
