-- dialect: clickhouse
-- schema: t(a, b, c)
select a, sum(b) as s from t group by a with totals
-- expected
-- columns: a, s
-- reads: t
-- a <- t.a IDENTITY
-- s <- t.b AGGREGATION : sum(b)
-- (all) <- t.a GROUP_BY
