-- dialect: tsql
-- schema: t(id, a, b), u(id, x, y)
select d.total from (select id, sum(a) as total from t group by id) as d where d.total > 5
-- expected
-- columns: total
-- reads: t
-- total <- t.a AGGREGATION : sum(a)
-- (all) <- t.a FILTER : d.total > 5
-- (all) <- t.id GROUP_BY
