-- dialect: teradata
-- schema: t(id, a), s(id, a)
-- why: INSERT with values alone
merge into t using s on t.id = s.id
when matched then update set a = s.a
when not matched then insert (s.id, s.a)
-- expected
-- columns: t/a, t/id
-- reads: s
-- writes: t
-- t/a <- s.a IDENTITY : s.a
-- t/id <- s.id IDENTITY : s.id
-- t/(all) <- t.id JOIN : t.id = s.id
-- t/(all) <- s.id JOIN : t.id = s.id
