-- dialect: teradata
-- schema: x(k, v), s(id, a)
merge into x using s on x.k = s.id when matched then update set v = s.a when not matched then insert (k, v) values (s.id, s.a)
-- expected
-- columns: x/v, x/k
-- writes: x
-- x/v <- s.a IDENTITY : s.a
-- x/k <- s.id IDENTITY : s.id
-- x/(all) <- x.k JOIN : x.k = s.id
-- x/(all) <- s.id JOIN : x.k = s.id
