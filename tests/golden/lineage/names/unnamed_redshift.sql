-- dialect: redshift
-- schema: t(a, b, c)
select a + b, sum(a), trim(c) from t
-- expected
-- columns: ?column?, sum, btrim
-- reads: t
-- ?column? <- t.a TRANSFORMATION : a + b
-- ?column? <- t.b TRANSFORMATION : a + b
-- sum <- t.a AGGREGATION : sum(a)
-- btrim <- t.c TRANSFORMATION : trim(c)
