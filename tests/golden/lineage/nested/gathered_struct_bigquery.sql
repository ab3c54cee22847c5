-- dialect: bigquery
-- schema: d.t(id, a)
-- why: A field of a gathered struct is that field alone
select array_agg(struct(id, a as b) order by a limit 1)[offset(0)].b as first_b from d.t
-- expected
-- columns: first_b
-- reads: d.t
-- first_b <- d.t.a AGGREGATION : array_agg(struct(id, a as b) order by a limit 1)[offset(0)].b
-- first_b <- d.t.a SORT : array_agg(struct(id, a as b) order by a limit 1)[offset(0)].b
