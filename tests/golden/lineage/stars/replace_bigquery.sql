-- dialect: bigquery
-- schema: d.t(a, b, c)
select * replace (a * 2 as a, upper(b) as b) from d.t
-- expected
-- columns: a, b, c
-- reads: d.t
-- a <- d.t.a TRANSFORMATION : a * 2
-- b <- d.t.b TRANSFORMATION : upper(b)
-- c <- d.t.c IDENTITY : *
