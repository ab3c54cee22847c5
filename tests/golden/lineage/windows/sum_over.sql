-- dialect: snowflake
-- schema: t(a, b, c)
select sum(a) over (partition by b order by c rows between unbounded preceding and current row) as running from t
-- expected
-- columns: RUNNING
-- reads: T
-- RUNNING <- T.A AGGREGATION : sum(a) over (partition by b order by c rows between unbounded preceding and current row)
-- RUNNING <- T.B WINDOW : sum(a) over (partition by b order by c rows between unbounded preceding and current row)
-- RUNNING <- T.C WINDOW : sum(a) over (partition by b order by c rows between unbounded preceding and current row)
