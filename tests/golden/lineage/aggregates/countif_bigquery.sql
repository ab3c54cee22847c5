-- dialect: bigquery
-- schema: d.t(a, b)
select countif(a > 1) as n, logical_and(b) as every, any_value(a having max b) as last_a from d.t
-- expected
-- columns: n, every, last_a
-- reads: d.t
-- n <- d.t.a AGGREGATION masked : countif(a > 1)
-- every <- d.t.b AGGREGATION : logical_and(b)
-- last_a <- d.t.a AGGREGATION : any_value(a having max b)
-- last_a <- d.t.b CONDITIONAL : any_value(a having max b)
