-- dialect: snowflake
-- schema: t(a, b, c)
select array_agg(a) within group (order by b) as l, object_agg(a, c) as o from t
-- expected
-- columns: L, O
-- reads: T
-- L <- T.A AGGREGATION : array_agg(a) within group (order by b)
-- L <- T.B SORT : array_agg(a) within group (order by b)
-- O <- T.A AGGREGATION : object_agg(a, c)
-- O <- T.C AGGREGATION : object_agg(a, c)
