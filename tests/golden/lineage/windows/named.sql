-- dialect: duckdb
-- schema: t(a, b, c)
select sum(a) over w as s, rank() over (w order by c) as r from t window w as (partition by b)
-- expected
-- columns: s, r
-- reads: t
-- s <- t.a AGGREGATION : sum(a) over w
-- s <- t.b WINDOW : sum(a) over w
-- r <- t.b WINDOW : rank() over (w order by c)
-- r <- t.c WINDOW : rank() over (w order by c)
