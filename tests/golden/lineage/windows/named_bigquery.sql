-- dialect: bigquery
-- schema: d.t(a, b, c)
select last_value(a) over w as l from d.t window w as (partition by b order by c)
-- expected
-- columns: l
-- reads: d.t
-- l <- d.t.a TRANSFORMATION : last_value(a) over w
-- l <- d.t.b WINDOW : last_value(a) over w
-- l <- d.t.c WINDOW : last_value(a) over w
