-- dialect: bigquery
-- schema: d.t(a)
create table d.x copy d.t
-- expected
-- columns: d.x/a
-- reads: d.t
-- writes: d.x
-- d.x/a <- d.t.a IDENTITY
