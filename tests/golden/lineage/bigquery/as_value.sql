-- dialect: bigquery
-- schema: d.t(a, b)
select as value struct(a, b) from d.t
-- expected
-- columns: a, b
-- reads: d.t
-- a <- d.t.a IDENTITY
-- b <- d.t.b IDENTITY
