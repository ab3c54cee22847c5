-- dialect: snowflake
-- schema: t(a, b, c)
select t.* exclude (c) rename (a as x) from t
-- expected
-- columns: X, B
-- reads: T
-- X <- T.A IDENTITY : t.*
-- B <- T.B IDENTITY : t.*
