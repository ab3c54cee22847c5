-- dialect: postgres
-- schema: t(id, a), u(id, a)
-- why: the inner CTE hides the outer one, only inside
with x as (select a from t)
select (with x as (select a from u) select max(a) from x) as from_u, (select max(a) from x) as from_t
-- expected
-- columns: from_u, from_t
-- reads: t, u
-- from_u <- u.a AGGREGATION : max(a)
-- from_t <- t.a AGGREGATION : max(a)
