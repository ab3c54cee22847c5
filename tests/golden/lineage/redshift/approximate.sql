-- dialect: redshift
-- schema: t(a, b, c)
select approximate count(distinct a) as n from t
-- expected
-- columns: n
-- reads: t
-- n <- t.a AGGREGATION masked : approximate count(distinct a)
