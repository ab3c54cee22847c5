-- dialect: postgres
-- schema: t(a, b, c)
with x as materialized (select a from t) select a from x
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
