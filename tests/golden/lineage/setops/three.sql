-- dialect: trino
-- schema: t(a), u(x), v(z)
select a from t union all select x from u union all select z from v
-- expected
-- columns: a
-- reads: t, u, v
-- a <- t.a IDENTITY
-- a <- u.x IDENTITY
-- a <- v.z IDENTITY
