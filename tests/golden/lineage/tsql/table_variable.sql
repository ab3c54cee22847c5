-- dialect: tsql
-- schema: s(x, y)
-- why: A table variable is no table of that name
declare @t table (a int, b int);
insert into @t select x, y from s;
insert into u (q) select t.a from @t t join t on t.a = t.b;
-- expected
-- columns: @t/a, @t/b, u/q
-- reads: s, t
-- writes: @t (temporary)
-- writes: u
-- @t/a <- s.x IDENTITY
-- @t/b <- s.y IDENTITY
-- u/q <- s.x IDENTITY
-- u/(all) <- s.x JOIN : t.a = t.b
-- u/(all) <- s.y JOIN : t.a = t.b
-- u/(all) <- t.* JOIN
