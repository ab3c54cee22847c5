-- dialect: postgres
-- schema: t(a, b, c)
create materialized view v as select a from t with no data
-- expected
-- columns: v/a
-- reads: t
-- writes: v
-- v/a <- t.a IDENTITY
