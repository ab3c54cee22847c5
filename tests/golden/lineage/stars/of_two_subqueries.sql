-- dialect: postgres
-- schema: t(id, a, b), u(id, x, y)
select x.*, y.s from (select id, a from t) x, (select sum(x) as s from u) y
-- expected
-- columns: id, a, s
-- reads: t, u
-- id <- t.id IDENTITY
-- a <- t.a IDENTITY
-- s <- u.x AGGREGATION : sum(x)
