-- dialect: bigquery
-- schema: d.t(a, b)
select struct(a, b as x) as s, [a, b] as l from d.t
-- expected
-- columns: s, l
-- reads: d.t
-- s <- d.t.a TRANSFORMATION : struct(a, b as x)
-- s <- d.t.b TRANSFORMATION : struct(a, b as x)
-- l <- d.t.a TRANSFORMATION : [a, b]
-- l <- d.t.b TRANSFORMATION : [a, b]
