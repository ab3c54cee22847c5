-- dialect: snowflake
-- schema: t(a, b, c)
copy into @stage/out from t
-- expected
-- columns: @stage/out/A, @stage/out/B, @stage/out/C
-- reads: T
-- writes: @stage/out
-- @stage/out/A <- T.A IDENTITY
-- @stage/out/B <- T.B IDENTITY
-- @stage/out/C <- T.C IDENTITY
