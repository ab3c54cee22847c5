-- dialect: snowflake
-- schema: t(a, b, c)
create or replace transient table x as (select a from t)
-- expected
-- columns: X/A
-- reads: T
-- writes: X
-- X/A <- T.A IDENTITY : a
