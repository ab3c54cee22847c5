-- dialect: snowflake
-- schema: t(a, b, c)
with renamed (x, y) as (select a, b from t)
select x + y as s from renamed
-- expected
-- columns: S
-- reads: T
-- S <- T.A TRANSFORMATION : x + y
-- S <- T.B TRANSFORMATION : x + y
