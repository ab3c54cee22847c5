-- dialect: redshift
-- schema: t(a, b, c)
select nullif(a, b) as v from t
-- expected
-- columns: v
-- reads: t
-- v <- t.a TRANSFORMATION : nullif(a, b)
-- v <- t.b TRANSFORMATION : nullif(a, b)
