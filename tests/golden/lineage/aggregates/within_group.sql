-- dialect: snowflake
-- schema: t(a, b, c)
-- why: for a percentile the order is the value, for a list it is only the order
select percentile_cont(0.5) within group (order by a) as med, listagg(b, ',') within group (order by c) as l from t
-- expected
-- columns: MED, L
-- reads: T
-- MED <- T.A AGGREGATION : percentile_cont(0.5) within group (order by a)
-- L <- T.B AGGREGATION : listagg(b, ',') within group (order by c)
-- L <- T.C SORT : listagg(b, ',') within group (order by c)
