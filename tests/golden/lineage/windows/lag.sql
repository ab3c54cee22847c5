-- dialect: duckdb
-- schema: t(a, b, c)
select lag(a, 1, b) over (order by c) as before from t
-- expected
-- columns: before
-- reads: t
-- before <- t.a TRANSFORMATION : lag(a, 1, b) over (order by c)
-- before <- t.b TRANSFORMATION : lag(a, 1, b) over (order by c)
-- before <- t.c WINDOW : lag(a, 1, b) over (order by c)
