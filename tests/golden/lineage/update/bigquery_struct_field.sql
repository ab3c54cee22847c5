-- dialect: bigquery
-- schema: d.x(k, info), d.s(id, a)
update d.x as x set info.name = s.a from d.s as s where s.id = x.k
-- expected
-- columns: d.x/info
-- reads: d.s
-- writes: d.x
-- d.x/info <- d.s.a IDENTITY : s.a
-- d.x/(all) <- d.s.id FILTER : s.id = x.k
-- d.x/(all) <- d.x.k FILTER : s.id = x.k
