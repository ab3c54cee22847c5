-- dialect: postgres
-- schema: t(a, b, c)
select string_agg(a, ',' order by b) as l, array_agg(distinct c order by c) as d from t
-- expected
-- columns: l, d
-- reads: t
-- l <- t.a AGGREGATION : string_agg(a, ',' order by b)
-- l <- t.b SORT : string_agg(a, ',' order by b)
-- d <- t.c AGGREGATION : array_agg(distinct c order by c)
-- d <- t.c SORT : array_agg(distinct c order by c)
