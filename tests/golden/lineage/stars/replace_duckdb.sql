-- dialect: duckdb
-- schema: t(a, b, c)
select * exclude (c) replace (b + 1 as b) from t
-- expected
-- columns: a, b
-- reads: t
-- a <- t.a IDENTITY : *
-- b <- t.b TRANSFORMATION : b + 1
