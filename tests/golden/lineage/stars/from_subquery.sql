-- dialect: duckdb
-- schema: t(a, b, c)
select * from (select a, b + 1 as b1 from t) s
-- expected
-- columns: a, b1
-- reads: t
-- a <- t.a IDENTITY
-- b1 <- t.b TRANSFORMATION : b + 1
