-- dialect: bigquery
-- schema: d.t(id, a, ts)
-- why: A gathered row keeps its columns; the order decides which row
select uniq.* from (
  select array_agg(original order by ts desc limit 1)[offset(0)] as uniq from d.t as original group by id
)
-- expected
-- columns: id, a, ts
-- reads: d.t
-- id <- d.t.id AGGREGATION
-- id <- d.t.ts SORT : array_agg(original order by ts desc limit 1)[offset(0)] as uniq
-- a <- d.t.a AGGREGATION
-- a <- d.t.ts SORT : array_agg(original order by ts desc limit 1)[offset(0)] as uniq
-- ts <- d.t.ts AGGREGATION
-- ts <- d.t.ts SORT : array_agg(original order by ts desc limit 1)[offset(0)] as uniq
-- (all) <- d.t.id GROUP_BY
