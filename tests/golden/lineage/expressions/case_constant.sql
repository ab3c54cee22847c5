-- dialect: snowflake
-- schema: t(a, b, c)
-- why: only conditions: the value itself is constant
select case when a = 'x' then 1 else 0 end as flag from t
-- expected
-- columns: FLAG
-- reads: T
-- FLAG <- T.A CONDITIONAL : case when a = 'x' then 1 else 0 end
