-- dialect: redshift
-- why: Which columns get the values is not known; that they get them is
merge into t using s on t.id = s.id
when matched then update set a = s.a
when not matched then insert values (s.id, s.a)
-- expected
-- columns: t/*, t/a
-- reads: s
-- writes: t
-- t/a <- s.a IDENTITY : s.a
-- t/* <- s.id IDENTITY : s.id
-- t/* <- s.a IDENTITY : s.a
-- t/(all) <- t.id JOIN : t.id = s.id
-- t/(all) <- s.id JOIN : t.id = s.id
-- finding: unnamed-target: t: its columns are not known, so INSERT names none
