-- dialect: oracle
-- schema: x(k, v), s(id, a, gone)
merge into x using s on (x.k = s.id)
when matched then update set x.v = s.a where s.a > 0 delete where s.gone = 1
when not matched then insert (x.k, x.v) values (s.id, s.a)
-- expected
-- columns: X/V, X/K
-- reads: S
-- writes: X
-- X/V <- S.A IDENTITY : s.a
-- X/K <- S.ID IDENTITY : s.id
-- X/(all) <- X.K JOIN : (x.k = s.id)
-- X/(all) <- S.ID JOIN : (x.k = s.id)
-- X/(all) <- S.A FILTER : s.a > 0 delete where s.gone = 1
-- X/(all) <- S.GONE FILTER : s.a > 0 delete where s.gone = 1
