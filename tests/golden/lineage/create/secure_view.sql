-- dialect: snowflake
-- schema: t(a, b, c)
create or replace secure view v (x, y) comment = 'hidden' as select a, b from t
-- expected
-- columns: V/X, V/Y
-- reads: T
-- writes: V
-- V/X <- T.A IDENTITY : a
-- V/Y <- T.B IDENTITY : b
