-- dialect: bigquery
-- schema: d.t(id, a, b), d.s(id, a)
-- why: NOT MATCHED sees the source alone, BY SOURCE the target alone
merge d.t using d.s on false
when not matched and a > 1 then insert (id, a) values (id, a)
when not matched by source and a > 3 then update set b = a
-- expected
-- columns: d.t/id, d.t/a, d.t/b
-- reads: d.s
-- writes: d.t
-- d.t/id <- d.s.id IDENTITY
-- d.t/a <- d.s.a IDENTITY
-- d.t/b <- d.t.a IDENTITY
-- d.t/(all) <- d.s.a FILTER : a > 1
-- d.t/(all) <- d.t.a FILTER : a > 3
