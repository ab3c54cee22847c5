-- dialect: redshift
-- schema: t(a, b, c)
select listagg(distinct a, ',') within group (order by b) as l from t
-- expected
-- columns: l
-- reads: t
-- l <- t.a AGGREGATION : listagg(distinct a, ',') within group (order by b)
-- l <- t.b SORT : listagg(distinct a, ',') within group (order by b)
