-- dialect: tsql
-- schema: dbo.x(k, v), dbo.s(id, a)
merge dbo.x as t using dbo.s as s on t.k = s.id
when matched and t.v <> s.a then update set t.v = s.a
when not matched by target then insert (k, v) values (s.id, s.a)
when not matched by source then delete;
-- expected
-- columns: dbo.x/v, dbo.x/k
-- reads: dbo.s
-- writes: dbo.x
-- dbo.x/v <- dbo.s.a IDENTITY : s.a
-- dbo.x/k <- dbo.s.id IDENTITY : s.id
-- dbo.x/(all) <- dbo.x.k JOIN : t.k = s.id
-- dbo.x/(all) <- dbo.s.id JOIN : t.k = s.id
-- dbo.x/(all) <- dbo.x.v FILTER : t.v <> s.a
-- dbo.x/(all) <- dbo.s.a FILTER : t.v <> s.a
