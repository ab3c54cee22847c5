-- dialect: bigquery
-- schema: d.t(a, b, c)
from d.t |> where a > 1 |> extend b + c as s |> aggregate sum(s) as total group by a
-- expected
-- columns: a, total
-- a <- d.t.a IDENTITY
-- total <- d.t.b AGGREGATION : sum(s)
-- total <- d.t.c AGGREGATION : sum(s)
-- (all) <- d.t.a GROUP_BY
-- (all) <- d.t.a FILTER : a > 1
