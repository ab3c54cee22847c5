-- dialect: postgres
-- schema: t(a, b, c)
select percentile_disc(0.9) within group (order by a desc) as p, mode() within group (order by b) as m from t
-- expected
-- columns: p, m
-- reads: t
-- p <- t.a AGGREGATION : percentile_disc(0.9) within group (order by a desc)
-- m <- t.b AGGREGATION : mode() within group (order by b)
