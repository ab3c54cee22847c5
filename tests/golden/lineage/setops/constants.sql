-- dialect: bigquery
-- schema: d.t(a)
select a, 'old' as src from d.t union all select 1, 'new'
-- expected
-- columns: a, src
-- reads: d.t
-- a <- d.t.a IDENTITY
