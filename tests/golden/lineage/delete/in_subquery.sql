-- dialect: snowflake
-- schema: x(k), s(id, a)
delete from x where k in (select id from s where a > 1)
-- expected
-- columns: 
-- reads: S
-- writes: X
-- X/(all) <- X.K FILTER : k in (select id from s where a > 1)
-- X/(all) <- S.ID FILTER : k in (select id from s where a > 1)
-- X/(all) <- S.A FILTER : k in (select id from s where a > 1)
