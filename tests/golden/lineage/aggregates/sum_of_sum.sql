-- dialect: duckdb
-- schema: t(a, b, c)
select sum(s) as total from (select sum(a) as s from t group by b) x
-- expected
-- columns: total
-- reads: t
-- total <- t.a AGGREGATION : sum(s)
-- (all) <- t.b GROUP_BY
