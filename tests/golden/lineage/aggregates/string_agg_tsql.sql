-- dialect: tsql
-- schema: t(a, b, c)
select string_agg(a, ',') within group (order by b) as l from t
-- expected
-- columns: l
-- reads: t
-- l <- t.a AGGREGATION : string_agg(a, ',') within group (order by b)
-- l <- t.b SORT : string_agg(a, ',') within group (order by b)
