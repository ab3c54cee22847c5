-- dialect: redshift
-- schema: t(a, b, c)
select sum(case when a = 'x' then b end) as s, sum(case when a = 'x' then 1 else 0 end) as n from t
-- expected
-- columns: s, n
-- reads: t
-- s <- t.a CONDITIONAL : sum(case when a = 'x' then b end)
-- s <- t.b AGGREGATION : sum(case when a = 'x' then b end)
-- n <- t.a CONDITIONAL : sum(case when a = 'x' then 1 else 0 end)
