-- dialect: bigquery
-- schema: t(a, b, c)
select a, count(*), a + b, c.field from t
-- expected
-- columns: a, f0_, f1_, field
-- reads: t
-- a <- t.a IDENTITY
-- f1_ <- t.a TRANSFORMATION : a + b
-- f1_ <- t.b TRANSFORMATION : a + b
-- field <- t.c[field] IDENTITY : c.field
