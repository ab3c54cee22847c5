-- dialect: snowflake
-- schema: x(k, v), s(id, a)
merge into x using (with q as (select id, max(a) as a from s group by id) select id, a from q) src on x.k = src.id
when matched then update set v = src.a
when not matched then insert (k, v) values (src.id, src.a)
-- expected
-- columns: X/V, X/K
-- reads: S
-- writes: X
-- X/V <- S.A AGGREGATION : max(a)
-- X/K <- S.ID IDENTITY : id
-- X/(all) <- X.K JOIN : x.k = src.id
-- X/(all) <- S.ID JOIN : x.k = src.id
-- X/(all) <- S.ID GROUP_BY : id
