-- dialect: postgres
-- schema: t(a, b, c)
select avg(a) over (order by c range between interval '7 days' preceding and current row) as week from t
-- expected
-- columns: week
-- reads: t
-- week <- t.a AGGREGATION : avg(a) over (order by c range between interval '7 days' preceding and current row)
-- week <- t.c WINDOW : avg(a) over (order by c range between interval '7 days' preceding and current row)
