-- dialect: tsql
-- schema: x(k, v), s(id, a)
delete t from x t join s on s.id = t.k where s.a = 1
-- expected
-- columns: 
-- reads: s
-- writes: x
-- x/(all) <- s.id JOIN : s.id = t.k
-- x/(all) <- x.k JOIN : s.id = t.k
-- x/(all) <- s.a FILTER : s.a = 1
