-- dialect: spark
-- schema: t(a, b)
select count(distinct *) as n from t
-- expected
-- columns: n
-- reads: t
-- n <- t.a AGGREGATION masked : count(distinct *)
-- n <- t.b AGGREGATION masked : count(distinct *)
