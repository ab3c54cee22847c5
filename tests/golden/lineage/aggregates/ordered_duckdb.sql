-- dialect: duckdb
-- schema: t(a, b, c)
select list(a order by b desc) as l, first(a order by c) as f from t
-- expected
-- columns: l, f
-- reads: t
-- l <- t.a AGGREGATION : list(a order by b desc)
-- l <- t.b SORT : list(a order by b desc)
-- f <- t.a AGGREGATION : first(a order by c)
-- f <- t.c SORT : first(a order by c)
