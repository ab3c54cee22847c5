-- dialect: presto
-- schema: t(a, b, c)
select try(a / b) as r from t
-- expected
-- columns: r
-- reads: t
-- r <- t.a TRANSFORMATION : try(a / b)
-- r <- t.b TRANSFORMATION : try(a / b)
