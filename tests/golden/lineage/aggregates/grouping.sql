-- dialect: snowflake
-- schema: t(a, b, c)
select a, grouping(a) as g, sum(b) as s from t group by rollup (a)
-- expected
-- columns: A, G, S
-- reads: T
-- A <- T.A IDENTITY : a
-- G <- T.A GROUP_BY : grouping(a)
-- S <- T.B AGGREGATION : sum(b)
-- (all) <- T.A GROUP_BY : rollup (a)
