-- dialect: snowflake
-- schema: t(a, b, c)
select $1 as x from (select a, b from t)
-- expected
-- columns: X
-- reads: T
-- X <- T.A IDENTITY : a
