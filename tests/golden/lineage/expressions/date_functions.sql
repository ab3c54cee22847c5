-- dialect: snowflake
-- schema: t(a, b, c)
-- why: units of time are no columns
select dateadd(day, 1, a) as d, datediff('hour', a, b) as h, date_trunc(month, c) as m from t
-- expected
-- columns: D, H, M
-- D <- T.A TRANSFORMATION : dateadd(day, 1, a)
-- H <- T.B TRANSFORMATION : datediff('hour', a, b)
-- H <- T.A TRANSFORMATION : datediff('hour', a, b)
-- M <- T.C TRANSFORMATION : date_trunc(month, c)
