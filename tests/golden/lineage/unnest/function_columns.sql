-- dialect: snowflake
-- schema: t(id)
select f.x from t, table(my_udtf(t.id)) as f (x)
-- expected
-- columns: X
-- reads: T
-- X <- T.ID TRANSFORMATION : table(my_udtf(t.id)) as f (x)
-- (all) <- T.ID JOIN : table(my_udtf(t.id)) as f (x)
