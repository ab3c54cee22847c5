-- dialect: snowflake
-- schema: t(v, k)
select get(v, k) as x from t
-- expected
-- columns: X
-- reads: T
-- X <- T.V IDENTITY : get(v, k)
-- X <- T.K TRANSFORMATION : get(v, k)
