-- dialect: snowflake
-- schema: x(k, v, n), s(id, a, gone)
merge into x using s on x.k = s.id
when matched and s.gone then delete
when matched then update set x.v = s.a, n = x.n + 1
when not matched then insert (k, v) values (s.id, s.a)
-- expected
-- columns: X/V, X/N, X/K
-- reads: S
-- writes: X
-- X/V <- S.A IDENTITY : s.a
-- X/N <- X.N TRANSFORMATION : x.n + 1
-- X/K <- S.ID IDENTITY : s.id
-- X/(all) <- X.K JOIN : x.k = s.id
-- X/(all) <- S.ID JOIN : x.k = s.id
-- X/(all) <- S.GONE FILTER : s.gone
