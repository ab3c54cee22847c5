-- dialect: tsql
-- why: The target's other columns stay as they are
merge t using s on t.id = s.id when matched then update set a = s.a
output $action, inserted.id, inserted.a into aud (x, y, z);
-- expected
-- columns: t/a, aud/x, aud/y, aud/z
-- reads: s
-- writes: aud
-- writes: t
-- t/a <- s.a IDENTITY : s.a
-- t/(all) <- t.id JOIN : t.id = s.id
-- t/(all) <- s.id JOIN : t.id = s.id
-- aud/y <- t.id IDENTITY : inserted.id
-- aud/z <- s.a IDENTITY : s.a
-- aud/(all) <- t.id JOIN : t.id = s.id
-- aud/(all) <- s.id JOIN : t.id = s.id
