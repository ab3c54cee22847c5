-- dialect: postgres
-- schema: t(a), u(x), v(z)
(select a from t union all select x from u) except select z from v
-- expected
-- columns: a
-- a <- t.a IDENTITY
-- a <- u.x IDENTITY
-- (all) <- t.a FILTER
-- (all) <- u.x FILTER
-- (all) <- v.z FILTER
