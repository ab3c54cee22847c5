-- dialect: databricks
-- schema: t(a), u(x)
select a + 1 as next_a, (select max(x) from u where x < next_a) as below from t
-- expected
-- columns: next_a, below
-- reads: t, u
-- next_a <- t.a TRANSFORMATION : a + 1
-- below <- u.x AGGREGATION : max(x)
-- below <- u.x FILTER : x < next_a
-- below <- t.a FILTER : x < next_a
