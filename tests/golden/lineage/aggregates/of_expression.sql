-- dialect: duckdb
-- schema: t(a, b, c)
select sum(a * b) as s, avg(coalesce(c, 0)) as m from t
-- expected
-- columns: s, m
-- reads: t
-- s <- t.a AGGREGATION : sum(a * b)
-- s <- t.b AGGREGATION : sum(a * b)
-- m <- t.c AGGREGATION : avg(coalesce(c, 0))
