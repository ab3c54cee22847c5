-- dialect: tsql
-- schema: t(id, a, b), u(id, x, y)
select a from t where b > all (select x from u where y = 1)
-- expected
-- columns: a
-- reads: t, u
-- a <- t.a IDENTITY
-- (all) <- t.b FILTER : b > all (select x from u where y = 1)
-- (all) <- u.x FILTER : b > all (select x from u where y = 1)
-- (all) <- u.y FILTER : b > all (select x from u where y = 1)
