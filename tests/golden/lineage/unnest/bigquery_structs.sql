-- dialect: bigquery
-- schema: d.t(a)
-- why: a struct of columns built inside UNNEST keeps them apart
select s.x, s.y from d.t, unnest([struct(a as x, 1 as y)]) as s
-- expected
-- columns: x, y
-- reads: d.t
-- x <- d.t.a IDENTITY : s.x
-- (all) <- d.t.a JOIN : unnest([struct(a as x, 1 as y)]) as s
