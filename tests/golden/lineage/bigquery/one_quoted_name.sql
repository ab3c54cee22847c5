-- dialect: bigquery
-- schema: p.d.t(a)
select a from `p.d.t`
-- expected
-- columns: a
-- reads: p.d.t
-- a <- p.d.t.a IDENTITY
