-- dialect: tsql
-- schema: dbo.x(k, v), s(id, a)
update t set v = s.a * 2 from dbo.x t join s on s.id = t.k where s.a > 0
-- expected
-- columns: dbo.x/v
-- writes: dbo.x
-- dbo.x/v <- s.a TRANSFORMATION : s.a * 2
-- dbo.x/(all) <- s.id JOIN : s.id = t.k
-- dbo.x/(all) <- dbo.x.k JOIN : s.id = t.k
-- dbo.x/(all) <- s.a FILTER : s.a > 0
