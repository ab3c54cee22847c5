-- dialect: postgres
-- schema: t(a, b)
select m.biggest from t, lateral (select max(v) as biggest from (values (t.a), (t.b)) as vs (v)) m
-- expected
-- columns: biggest
-- reads: t
-- biggest <- t.a AGGREGATION : max(v)
-- biggest <- t.b AGGREGATION : max(v)
