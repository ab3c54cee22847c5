-- dialect: postgres
-- schema: t(a), u(x)
-- why: the value is in both; which rows stay is decided by both
select a from t intersect select x from u
-- expected
-- columns: a
-- a <- t.a IDENTITY
-- a <- u.x IDENTITY
-- (all) <- t.a FILTER
-- (all) <- u.x FILTER
