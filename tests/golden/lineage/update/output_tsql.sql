-- dialect: tsql
-- schema: t(id, a)
update t set a = a + 1 output inserted.a where id = 1
-- expected
-- columns: t/a, a
-- writes: t
-- t/a <- t.a TRANSFORMATION : a + 1
-- t/(all) <- t.id FILTER : id = 1
-- a <- t.a TRANSFORMATION : a + 1
-- (all) <- t.id FILTER : id = 1
