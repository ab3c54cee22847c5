-- dialect: bigquery
-- schema: d.s(id, ts), d.t(id, ts)
-- why: A variable filled by SELECT AS STRUCT decides which rows go
declare parts array<date>;
create or replace table d.tmp as select id, ts from d.s;
set (parts) = (select as struct array_agg(distinct date(ts)) from d.tmp);
merge into d.t as dest using d.tmp as src on false
when not matched by source and date(dest.ts) in unnest(parts) then delete
when not matched then insert (`id`, `ts`) values (`id`, `ts`);
-- expected
-- columns: d.tmp/id, d.tmp/ts, d.t/id, d.t/ts
-- reads: d.s, d.tmp
-- writes: d.t
-- writes: d.tmp
-- d.tmp/id <- d.s.id IDENTITY
-- d.tmp/ts <- d.s.ts IDENTITY
-- d.t/id <- d.tmp.id IDENTITY : `id`
-- d.t/ts <- d.tmp.ts IDENTITY : `ts`
-- d.t/(all) <- d.t.ts FILTER : date(dest.ts) in unnest(parts)
-- d.t/(all) <- d.tmp.ts FILTER : date(dest.ts) in unnest(parts)
