-- dialect: snowflake
-- schema: t(a, b, c)
select iff(a, b, c) as v from t
-- expected
-- columns: V
-- reads: T
-- V <- T.A CONDITIONAL : iff(a, b, c)
-- V <- T.B TRANSFORMATION : iff(a, b, c)
-- V <- T.C TRANSFORMATION : iff(a, b, c)
