-- dialect: snowflake
-- schema: t(a, b, c)
copy into t (a, b) from (select $1, upper($2) from @stage/file)
-- expected
-- columns: T/A, T/B
-- reads: @stage/file
-- writes: T
-- T/A <- @stage/file.$1 IDENTITY
-- T/B <- @stage/file.$2 TRANSFORMATION : upper($2)
