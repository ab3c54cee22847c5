-- dialect: clickhouse
-- schema: t(a, b, c)
select sum(a), count() from t
-- expected
-- columns: sum(a), count()
-- reads: t
-- sum(a) <- t.a AGGREGATION : sum(a)
