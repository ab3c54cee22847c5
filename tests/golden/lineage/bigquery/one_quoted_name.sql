-- dialect: bigquery
-- schema: p.d.t(a)
select a from `p.d.t`
-- expected
-- columns: a
-- a <- p.d.t.a IDENTITY
