-- dialect: oracle
-- schema: t(a, b, c)
create materialized view v refresh complete as select a from t
-- expected
-- columns: V/A
-- reads: T
-- writes: V
-- V/A <- T.A IDENTITY : a
