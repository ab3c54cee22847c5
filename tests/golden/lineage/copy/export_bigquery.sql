-- dialect: bigquery
-- schema: d.t(a, b)
export data options (uri = 'gs://bucket/*.csv', format = 'CSV') as select a, b from d.t
-- expected
-- columns: gs://bucket/*.csv/a, gs://bucket/*.csv/b
-- reads: d.t
-- writes: gs://bucket/*.csv
-- gs://bucket/*.csv/a <- d.t.a IDENTITY
-- gs://bucket/*.csv/b <- d.t.b IDENTITY
