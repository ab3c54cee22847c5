-- dialect: postgres
-- schema: x(k, v), s(id, a)
update x set v = s.a from s where x.k = s.id
-- expected
-- columns: x/v
-- reads: s
-- writes: x
-- x/v <- s.a IDENTITY : s.a
-- x/(all) <- x.k FILTER : x.k = s.id
-- x/(all) <- s.id FILTER : x.k = s.id
