-- dialect: postgres
-- schema: x(k, v), s(id, a)
merge into x as t using s on t.k = s.id when matched then update set v = s.a when not matched then insert (k, v) values (s.id, s.a)
-- expected
-- columns: x/v, x/k
-- writes: x
-- x/v <- s.a IDENTITY : s.a
-- x/k <- s.id IDENTITY : s.id
-- x/(all) <- x.k JOIN : t.k = s.id
-- x/(all) <- s.id JOIN : t.k = s.id
