-- dialect: snowflake
select $1 as id, t.$2:name::string as name, metadata$filename as file from @raw.stage/people (file_format => csv) t
-- expected
-- columns: ID, NAME, FILE
-- reads: @raw.stage/people
-- ID <- @raw.stage/people.$1 IDENTITY
-- NAME <- @raw.stage/people.$2[name] TRANSFORMATION : t.$2:name::string
-- FILE <- @raw.stage/people.METADATA$FILENAME IDENTITY : metadata$filename
