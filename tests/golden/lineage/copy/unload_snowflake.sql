-- dialect: snowflake
-- schema: t(a, b, c)
copy into @stage/out from (select a, b from t) file_format = (type = csv)
-- expected
-- columns: @stage/out/A, @stage/out/B
-- reads: T
-- writes: @stage/out
-- @stage/out/A <- T.A IDENTITY : a
-- @stage/out/B <- T.B IDENTITY : b
