-- dialect: spark
-- schema: t(a, b, c)
select collect_list(a) as l, collect_set(b) as s, first(c) as f from t
-- expected
-- columns: l, s, f
-- reads: t
-- l <- t.a AGGREGATION : collect_list(a)
-- s <- t.b AGGREGATION : collect_set(b)
-- f <- t.c AGGREGATION : first(c)
