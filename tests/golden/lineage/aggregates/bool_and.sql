-- dialect: postgres
-- schema: t(a, b, c)
select bool_and(a) as all_a, every(b) as every_b from t
-- expected
-- columns: all_a, every_b
-- reads: t
-- all_a <- t.a AGGREGATION : bool_and(a)
-- every_b <- t.b AGGREGATION : every(b)
