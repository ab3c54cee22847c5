-- dialect: snowflake
-- schema: t(a, b, c)
select conditional_change_event(a) over (partition by b order by c) as grp from t
-- expected
-- columns: GRP
-- reads: T
-- GRP <- T.A TRANSFORMATION : conditional_change_event(a) over (partition by b order by c)
-- GRP <- T.B WINDOW : conditional_change_event(a) over (partition by b order by c)
-- GRP <- T.C WINDOW : conditional_change_event(a) over (partition by b order by c)
