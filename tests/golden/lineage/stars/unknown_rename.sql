-- dialect: snowflake
select * rename (a as x) from raw.unknown
-- expected
-- columns: *, X
-- reads: RAW.UNKNOWN
-- X <- RAW.UNKNOWN.A IDENTITY : *
-- * <- RAW.UNKNOWN.* IDENTITY
