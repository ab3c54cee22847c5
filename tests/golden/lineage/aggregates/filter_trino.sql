-- dialect: trino
-- schema: t(a, b, c)
select array_agg(a) filter (where b is not null) as l from t
-- expected
-- columns: l
-- reads: t
-- l <- t.a AGGREGATION : array_agg(a) filter (where b is not null)
-- l <- t.b CONDITIONAL : array_agg(a) filter (where b is not null)
