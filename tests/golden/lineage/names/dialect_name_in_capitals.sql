-- dialect: SNOWFLAKE
-- schema: t(a, b, c)
select a from t
-- expected
-- columns: A
-- A <- T.A IDENTITY : a
