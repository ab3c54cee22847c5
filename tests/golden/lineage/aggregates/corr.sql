-- dialect: snowflake
-- schema: t(a, b, c)
select corr(a, b) as c, regr_slope(a, b) as s from t
-- expected
-- columns: C, S
-- reads: T
-- C <- T.A AGGREGATION : corr(a, b)
-- C <- T.B AGGREGATION : corr(a, b)
-- S <- T.A AGGREGATION : regr_slope(a, b)
-- S <- T.B AGGREGATION : regr_slope(a, b)
