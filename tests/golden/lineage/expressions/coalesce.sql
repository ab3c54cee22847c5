-- dialect: postgres
-- schema: t(a, b, c)
select coalesce(a, b, 0) as v from t
-- expected
-- columns: v
-- reads: t
-- v <- t.a TRANSFORMATION : coalesce(a, b, 0)
-- v <- t.b TRANSFORMATION : coalesce(a, b, 0)
