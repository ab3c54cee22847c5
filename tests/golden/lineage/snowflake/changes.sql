-- dialect: snowflake
-- schema: t(a, b, c)
select a, metadata$action as action from t changes (information => default) at (offset => -60)
-- expected
-- columns: A, ACTION
-- reads: T
-- A <- T.A IDENTITY : a
-- ACTION <- T.METADATA$ACTION IDENTITY : metadata$action
