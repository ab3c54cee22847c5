-- dialect: snowflake
-- schema: t(a, b, c)
create table x clone t
-- expected
-- columns: X/A, X/B, X/C
-- reads: T
-- writes: X
-- X/A <- T.A IDENTITY
-- X/B <- T.B IDENTITY
-- X/C <- T.C IDENTITY
