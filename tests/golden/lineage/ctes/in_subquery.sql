-- dialect: bigquery
-- schema: d.t(a, b)
select s.m from (with x as (select max(a) as m from d.t) select m from x) s
-- expected
-- columns: m
-- reads: d.t
-- m <- d.t.a AGGREGATION : max(a)
