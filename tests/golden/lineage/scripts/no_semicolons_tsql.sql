-- dialect: tsql
-- schema: dbo.s(a, b, c), dbo.u(b), dbo.t(a)
-- why: A statement ends where the next one begins
if object_id('tempdb..#x') is not null drop table #x
select a, b into #x from dbo.s where c > 1
create index ix on #x (a)
insert into dbo.t (a)
select a from #x x where exists (select 1 from dbo.u u where u.b = x.b)
union all select b from dbo.u
select a from dbo.t
drop table #x
-- expected
-- columns: #x/a, #x/b, dbo.t/a, a
-- reads: dbo.s, dbo.t, dbo.u
-- writes: #x (temporary)
-- writes: dbo.t
-- #x/a <- dbo.s.a IDENTITY
-- #x/b <- dbo.s.b IDENTITY
-- #x/(all) <- dbo.s.c FILTER : c > 1
-- dbo.t/a <- dbo.s.a IDENTITY
-- dbo.t/a <- dbo.u.b IDENTITY
-- dbo.t/(all) <- dbo.u.b FILTER : exists (select 1 from dbo.u u where u.b = x.b)
-- dbo.t/(all) <- dbo.s.b FILTER : exists (select 1 from dbo.u u where u.b = x.b)
-- dbo.t/(all) <- dbo.s.c FILTER : c > 1
-- a <- dbo.t.a IDENTITY
-- finding: 3:14 no-data: CREATE INDEX ix, x, a: names what it is about, and moves no data
