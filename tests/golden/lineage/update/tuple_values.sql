-- dialect: snowflake
-- schema: x(k, v), s(id, a)
update x set x.v = s.a + x.v from s where s.id = x.k
-- expected
-- columns: X/V
-- writes: X
-- X/V <- S.A TRANSFORMATION : s.a + x.v
-- X/V <- X.V TRANSFORMATION : s.a + x.v
-- X/(all) <- S.ID FILTER : s.id = x.k
-- X/(all) <- X.K FILTER : s.id = x.k
