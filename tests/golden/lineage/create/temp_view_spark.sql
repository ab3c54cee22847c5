-- dialect: spark
-- schema: t(a, b, c)
create or replace temporary view v as select a, b from t; insert into out_table select b from v
-- expected
-- columns: v/a, v/b, out_table/b
-- writes: out_table
-- writes: v (temporary)
-- v/a <- t.a IDENTITY
-- v/b <- t.b IDENTITY
-- out_table/b <- t.b IDENTITY
