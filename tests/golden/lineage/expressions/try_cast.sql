-- dialect: snowflake
-- schema: t(a, b, c)
select try_cast(a as int) as x from t
-- expected
-- columns: X
-- reads: T
-- X <- T.A TRANSFORMATION : try_cast(a as int)
