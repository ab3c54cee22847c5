-- dialect: bigquery
-- schema: my-project.d.t(a)
select a from my-project.d.t
-- expected
-- columns: a
-- reads: my-project.d.t
-- a <- my-project.d.t.a IDENTITY
