-- dialect: SNOWFLAKE
-- schema: t(a, b, c)
select a from t
-- expected
-- columns: A
-- reads: T
-- A <- T.A IDENTITY : a
