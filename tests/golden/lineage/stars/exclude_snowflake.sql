-- dialect: snowflake
-- schema: t(a, b, c)
select * exclude (a) from t
-- expected
-- columns: B, C
-- reads: T
-- B <- T.B IDENTITY : *
-- C <- T.C IDENTITY : *
