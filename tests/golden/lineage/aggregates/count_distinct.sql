-- dialect: snowflake
-- schema: t(a, b, c)
select count(distinct a, b) as n, approx_count_distinct(c) as approx from t
-- expected
-- columns: N, APPROX
-- reads: T
-- N <- T.A AGGREGATION masked : count(distinct a, b)
-- N <- T.B AGGREGATION masked : count(distinct a, b)
-- APPROX <- T.C AGGREGATION masked : approx_count_distinct(c)
