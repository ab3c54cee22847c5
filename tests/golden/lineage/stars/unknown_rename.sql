-- dialect: snowflake
select * rename (a as x) from raw.unknown
-- expected
-- columns: *, X
-- X <- RAW.UNKNOWN.A IDENTITY : *
-- * <- RAW.UNKNOWN.* IDENTITY
