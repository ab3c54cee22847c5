-- dialect: postgres
-- schema: t(a, b, c)
create view v (z) as with q as (select a from t) select a from q
-- expected
-- columns: v/z
-- reads: t
-- writes: v
-- v/z <- t.a IDENTITY
