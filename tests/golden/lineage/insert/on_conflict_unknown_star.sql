-- dialect: sqlite
-- why: EXCLUDED has the columns of the star
insert into t select * from s where true on conflict (id) do update set a = excluded.a
-- expected
-- columns: t/*, t/a
-- reads: s
-- writes: t
-- t/a <- s.a IDENTITY : excluded.a
-- t/* <- s.* IDENTITY
