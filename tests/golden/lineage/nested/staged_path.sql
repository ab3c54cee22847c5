-- dialect: snowflake
-- why: A path into a staged file's document
copy into t (a, b) from (select $1:a::int, $1:b.c from @s/x.json) file_format = (type = json)
-- expected
-- columns: T/A, T/B
-- reads: @s/x.json
-- writes: T
-- T/A <- @s/x.json.$1[a] TRANSFORMATION : $1:a::int
-- T/B <- @s/x.json.$1[b.c] IDENTITY : $1:b.c
