-- dialect: databricks
-- schema: t(a, b, c)
select percentile_approx(a, 0.5) as p, median(b) as m from t
-- expected
-- columns: p, m
-- reads: t
-- p <- t.a AGGREGATION : percentile_approx(a, 0.5)
-- m <- t.b AGGREGATION : median(b)
