-- dialect: duckdb
-- schema: t(a, b, c)
select round(sum(a) / count(b), 2) as ratio from t
-- expected
-- columns: ratio
-- reads: t
-- ratio <- t.a AGGREGATION : round(sum(a) / count(b), 2)
-- ratio <- t.b AGGREGATION masked : round(sum(a) / count(b), 2)
