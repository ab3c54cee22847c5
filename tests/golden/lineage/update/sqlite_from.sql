-- dialect: sqlite
-- schema: x(k, v), s(id, a)
update x set v = s.a from s where s.id = x.k
-- expected
-- columns: x/v
-- reads: s
-- writes: x
-- x/v <- s.a IDENTITY : s.a
-- x/(all) <- s.id FILTER : s.id = x.k
-- x/(all) <- x.k FILTER : s.id = x.k
