-- dialect: databricks
-- schema: t(a, b, c)
create or replace table cat.s.x using delta partitioned by (a) as select a, b from t
-- expected
-- columns: cat.s.x/a, cat.s.x/b
-- reads: t
-- writes: cat.s.x
-- cat.s.x/a <- t.a IDENTITY
-- cat.s.x/b <- t.b IDENTITY
