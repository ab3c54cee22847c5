-- dialect: trino
-- schema: t(a, b, c)
select a, sum(sum(b)) over (order by a) as running from t group by a
-- expected
-- columns: a, running
-- reads: t
-- a <- t.a IDENTITY
-- running <- t.b AGGREGATION : sum(sum(b)) over (order by a)
-- running <- t.a WINDOW : sum(sum(b)) over (order by a)
-- (all) <- t.a GROUP_BY
