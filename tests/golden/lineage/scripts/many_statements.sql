-- dialect: duckdb
-- schema: t(a, b)
create temp table s1 as select a, b from t;
create temp table s2 as select a, sum(b) as b from s1 group by a;
select a, b from s2 where b > 1
-- expected
-- columns: s1/a, s1/b, s2/a, s2/b, a, b
-- reads: t
-- writes: s1 (temporary)
-- writes: s2 (temporary)
-- s1/a <- t.a IDENTITY
-- s1/b <- t.b IDENTITY
-- s2/a <- t.a IDENTITY
-- s2/b <- t.b AGGREGATION : sum(b)
-- s2/(all) <- t.a GROUP_BY
-- a <- t.a IDENTITY
-- b <- t.b AGGREGATION : sum(b)
-- (all) <- t.b FILTER : b > 1
-- (all) <- t.a GROUP_BY
