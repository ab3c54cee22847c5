-- dialect: snowflake
-- schema: t(a, b, c)
select a from t at (timestamp => '2024-01-01'::timestamp)
-- expected
-- columns: A
-- reads: T
-- A <- T.A IDENTITY : a
