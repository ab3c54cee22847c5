-- dialect: snowflake
-- schema: t(a, b, c)
create or replace view v as select a, b from t
-- expected
-- columns: V/A, V/B
-- reads: T
-- writes: V
-- V/A <- T.A IDENTITY : a
-- V/B <- T.B IDENTITY : b
