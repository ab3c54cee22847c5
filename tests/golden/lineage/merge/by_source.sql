-- dialect: databricks
-- schema: x(k, v, active), s(k, v)
merge into x using s on x.k = s.k when matched then update set x.v = s.v when not matched by source then update set x.active = false
-- expected
-- columns: x/v, x/active
-- reads: s
-- writes: x
-- x/v <- s.v IDENTITY : s.v
-- x/(all) <- x.k JOIN : x.k = s.k
-- x/(all) <- s.k JOIN : x.k = s.k
