-- dialect: clickhouse
-- schema: t(a, b, c)
select sum(a), count() from t
-- expected
-- columns: sum(a), count()
-- sum(a) <- t.a AGGREGATION : sum(a)
