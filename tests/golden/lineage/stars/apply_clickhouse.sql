-- dialect: clickhouse
-- schema: t(a, b, c)
select * except (a) apply(sum) from t
-- expected
-- columns: sum(b), sum(c)
-- reads: t
-- sum(b) <- t.b AGGREGATION : * except (a) apply(sum)
-- sum(c) <- t.c AGGREGATION : * except (a) apply(sum)
