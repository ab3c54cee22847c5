-- dialect: snowflake
-- schema: t(a, b, c)
select current_timestamp as now, current_date() as today from t
-- expected
-- columns: NOW, TODAY
-- reads: T
-- (all) <- T.* JOIN
