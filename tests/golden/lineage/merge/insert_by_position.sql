-- dialect: bigquery
-- schema: d.x(k, v), d.s(id, a)
merge d.x t using d.s s on t.k = s.id when not matched by target then insert values (id, a)
-- expected
-- columns: d.x/k, d.x/v
-- writes: d.x
-- d.x/k <- d.s.id IDENTITY
-- d.x/v <- d.s.a IDENTITY
-- d.x/(all) <- d.x.k JOIN : t.k = s.id
-- d.x/(all) <- d.s.id JOIN : t.k = s.id
