-- dialect: snowflake
-- schema: t(a)
-- why: A stream shows the changes of its table
create or replace stream st on table t
-- expected
-- columns: ST/A
-- reads: T
-- writes: ST
-- ST/A <- T.A IDENTITY
