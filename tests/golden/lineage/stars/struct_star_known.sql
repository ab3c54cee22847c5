-- dialect: bigquery
-- schema: d.t(a, b)
select s.* from (select struct(a as x, b as y) as s from d.t)
-- expected
-- columns: x, y
-- reads: d.t
-- x <- d.t.a IDENTITY
-- y <- d.t.b IDENTITY
