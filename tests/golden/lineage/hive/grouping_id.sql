-- dialect: hive
-- schema: t(a, b, c)
select a, b, sum(c) as s from t group by a, b grouping sets ((a), (b))
-- expected
-- columns: a, b, s
-- a <- t.a IDENTITY
-- b <- t.b IDENTITY
-- s <- t.c AGGREGATION : sum(c)
-- (all) <- t.a GROUP_BY
-- (all) <- t.b GROUP_BY
