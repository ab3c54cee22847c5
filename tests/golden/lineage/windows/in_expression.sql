-- dialect: mysql
-- schema: t(a, b, c)
select a - avg(a) over (partition by b) as off from t
-- expected
-- columns: off
-- reads: t
-- off <- t.a TRANSFORMATION : a - avg(a) over (partition by b)
-- off <- t.a AGGREGATION : a - avg(a) over (partition by b)
-- off <- t.b WINDOW : a - avg(a) over (partition by b)
