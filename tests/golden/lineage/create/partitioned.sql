-- dialect: bigquery
-- schema: d.t(a, b)
create or replace table d.x partition by date(a) cluster by b options (description = 'x') as select a, b from d.t
-- expected
-- columns: d.x/a, d.x/b
-- reads: d.t
-- writes: d.x
-- d.x/a <- d.t.a IDENTITY
-- d.x/b <- d.t.b IDENTITY
