-- dialect: snowflake
-- schema: t(a, b, c)
select my_udf(x => a, y => b) as v from t
-- expected
-- columns: V
-- reads: T
-- V <- T.A TRANSFORMATION : my_udf(x => a, y => b)
-- V <- T.B TRANSFORMATION : my_udf(x => a, y => b)
