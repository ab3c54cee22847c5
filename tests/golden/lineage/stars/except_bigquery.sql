-- dialect: bigquery
-- schema: d.t(a, b, c)
select * except (a, c) from d.t
-- expected
-- columns: b
-- reads: d.t
-- b <- d.t.b IDENTITY : *
