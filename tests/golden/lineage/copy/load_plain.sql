-- dialect: snowflake
-- schema: t(a, b, c)
copy into t from @stage/file file_format = (type = json)
-- expected
-- columns: T/*
-- reads: @stage/file
-- writes: T
-- T/* <- @stage/file.* IDENTITY
