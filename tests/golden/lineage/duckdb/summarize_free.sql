-- dialect: duckdb
-- schema: t(a, b, c)
select max(a) filter (b > 1) as m from t
-- expected
-- columns: m
-- reads: t
-- m <- t.a AGGREGATION : max(a) filter (b > 1)
-- m <- t.b CONDITIONAL : max(a) filter (b > 1)
