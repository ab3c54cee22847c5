-- dialect: snowflake
-- schema: t(a, b, c)
select a from t sample (10) where b = 1
-- expected
-- columns: A
-- reads: T
-- A <- T.A IDENTITY : a
-- (all) <- T.B FILTER : b = 1
