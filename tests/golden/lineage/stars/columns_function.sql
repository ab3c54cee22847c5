-- dialect: duckdb
-- schema: t(a, b)
-- why: the function is applied to each column
select min(columns(*)) from t
-- expected
-- columns: a, b
-- reads: t
-- a <- t.a AGGREGATION : min(columns(*))
-- b <- t.b AGGREGATION : min(columns(*))
