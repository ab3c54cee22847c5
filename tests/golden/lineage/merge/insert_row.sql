-- dialect: bigquery
-- schema: d.x(k, v), d.s(k, v)
merge d.x using d.s on x.k = s.k when not matched then insert row
-- expected
-- columns: d.x/k, d.x/v
-- writes: d.x
-- d.x/k <- d.s.k IDENTITY
-- d.x/v <- d.s.v IDENTITY
-- d.x/(all) <- d.x.k JOIN : x.k = s.k
-- d.x/(all) <- d.s.k JOIN : x.k = s.k
