-- dialect: postgres
-- schema: t(a, b, c)
select sum(a) as s, avg(b) as m, min(c) as lo, max(c) as hi, count(a) as n from t
-- expected
-- columns: s, m, lo, hi, n
-- s <- t.a AGGREGATION : sum(a)
-- m <- t.b AGGREGATION : avg(b)
-- lo <- t.c AGGREGATION : min(c)
-- hi <- t.c AGGREGATION : max(c)
-- n <- t.a AGGREGATION : count(a)
