-- dialect: bigquery
-- schema: d.t(a, b)
-- why: of a struct that was built here only the field that is read counts
select s.x as only_a, s as both from (select struct(a as x, b as y) as s from d.t)
-- expected
-- columns: only_a, both
-- reads: d.t
-- only_a <- d.t.a IDENTITY
-- both <- d.t.a TRANSFORMATION : struct(a as x, b as y)
-- both <- d.t.b TRANSFORMATION : struct(a as x, b as y)
