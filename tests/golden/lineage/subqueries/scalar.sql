-- dialect: postgres
-- schema: t(id, a, b), u(id, x, y)
select a, (select max(x) from u) as top from t
-- expected
-- columns: a, top
-- reads: t, u
-- a <- t.a IDENTITY
-- top <- u.x AGGREGATION : max(x)
