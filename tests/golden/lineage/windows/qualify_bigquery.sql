-- dialect: bigquery
-- schema: d.t(a, b)
select a from d.t where true qualify rank() over (order by b) = 1
-- expected
-- columns: a
-- reads: d.t
-- a <- d.t.a IDENTITY
-- (all) <- d.t.b FILTER : rank() over (order by b) = 1
