-- dialect: clickhouse
-- schema: t(a, b, c)
select sumIf(a, b > 1 and c < 2) as s, uniqExact(a) as u, groupArray(b) as l from t
-- expected
-- columns: s, u, l
-- s <- t.a AGGREGATION : sumIf(a, b > 1 and c < 2)
-- s <- t.b CONDITIONAL : sumIf(a, b > 1 and c < 2)
-- s <- t.c CONDITIONAL : sumIf(a, b > 1 and c < 2)
-- u <- t.a AGGREGATION : uniqExact(a)
-- l <- t.b AGGREGATION : groupArray(b)
