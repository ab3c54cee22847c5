-- dialect: oracle
-- schema: t(a, b, c)
select listagg(a, ',') within group (order by b) as l from t
-- expected
-- columns: L
-- reads: T
-- L <- T.A AGGREGATION : listagg(a, ',') within group (order by b)
-- L <- T.B SORT : listagg(a, ',') within group (order by b)
