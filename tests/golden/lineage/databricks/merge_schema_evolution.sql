-- dialect: databricks
-- schema: t(id, a, b), s(id, a)
-- why: DEFAULT is nobody's column
merge with schema evolution into t using s on t.id = s.id
when matched then update set t.a = s.a, t.b = default
when not matched then insert (id, a) values (s.id, s.a)
-- expected
-- columns: t/a, t/b, t/id
-- reads: s
-- writes: t
-- t/a <- s.a IDENTITY : s.a
-- t/id <- s.id IDENTITY : s.id
-- t/(all) <- t.id JOIN : t.id = s.id
-- t/(all) <- s.id JOIN : t.id = s.id
