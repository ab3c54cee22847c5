-- dialect: bigquery
-- schema: d.t(a)
select a from d.t for system_time as of timestamp '2024-01-01'
-- expected
-- columns: a
-- reads: d.t
-- a <- d.t.a IDENTITY
