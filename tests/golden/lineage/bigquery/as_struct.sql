-- dialect: bigquery
-- schema: d.t(a, b)
select as struct a, b + 1 as b1 from d.t
-- expected
-- columns: a, b1
-- reads: d.t
-- a <- d.t.a IDENTITY
-- b1 <- d.t.b TRANSFORMATION : b + 1
