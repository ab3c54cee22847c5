-- dialect: bigquery
-- schema: d.t(id, a, ts)
-- why: The elements of a gathered array have the struct's fields
with g as (select id, array_agg(struct(a, ts)) as items from d.t group by id)
select id, r.a from g, unnest(items) as r
-- expected
-- columns: id, a
-- reads: d.t
-- id <- d.t.id IDENTITY
-- a <- d.t.a AGGREGATION : r.a
-- (all) <- d.t.a JOIN : unnest(items) as r
-- (all) <- d.t.ts JOIN : unnest(items) as r
-- (all) <- d.t.id GROUP_BY
