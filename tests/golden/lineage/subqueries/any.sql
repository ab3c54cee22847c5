-- dialect: postgres
-- schema: t(id, a, b), u(id, x, y)
select a from t where b > any (select x from u)
-- expected
-- columns: a
-- reads: t, u
-- a <- t.a IDENTITY
-- (all) <- t.b FILTER : b > any (select x from u)
-- (all) <- u.x FILTER : b > any (select x from u)
