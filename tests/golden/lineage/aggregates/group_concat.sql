-- dialect: mysql
-- schema: t(a, b, c)
select group_concat(distinct a order by b separator ';') as l from t
-- expected
-- columns: l
-- reads: t
-- l <- t.a AGGREGATION : group_concat(distinct a order by b separator ';')
-- l <- t.b SORT : group_concat(distinct a order by b separator ';')
