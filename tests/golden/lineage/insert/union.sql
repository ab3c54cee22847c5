-- dialect: bigquery
-- schema: d.x(k), d.t(a), d.u(b)
insert into d.x (k) select a from d.t union all select b from d.u
-- expected
-- columns: d.x/k
-- reads: d.t, d.u
-- writes: d.x
-- d.x/k <- d.t.a IDENTITY
-- d.x/k <- d.u.b IDENTITY
