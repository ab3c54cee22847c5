-- dialect: snowflake
-- schema: t(a, b, c)
select * rename (a as x, b as y) from t
-- expected
-- columns: X, Y, C
-- reads: T
-- X <- T.A IDENTITY : *
-- Y <- T.B IDENTITY : *
-- C <- T.C IDENTITY : *
