-- dialect: postgres
-- schema: t(a, b, c)
select sum(a) filter (where b > 1) as s, count(*) filter (where c) as n from t
-- expected
-- columns: s, n
-- reads: t
-- s <- t.a AGGREGATION : sum(a) filter (where b > 1)
-- s <- t.b CONDITIONAL : sum(a) filter (where b > 1)
-- n <- t.c CONDITIONAL : count(*) filter (where c)
