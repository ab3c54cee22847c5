-- dialect: postgres
-- schema: x(k, v), s(id, a)
delete from x using s where s.id = x.k and s.a = 1
-- expected
-- columns: 
-- reads: s
-- writes: x
-- x/(all) <- s.id FILTER : s.id = x.k and s.a = 1
-- x/(all) <- x.k FILTER : s.id = x.k and s.a = 1
-- x/(all) <- s.a FILTER : s.id = x.k and s.a = 1
