-- dialect: trino
-- schema: t(a, b, c)
select row(a, b) as r from t
-- expected
-- columns: r
-- reads: t
-- r <- t.a TRANSFORMATION : row(a, b)
-- r <- t.b TRANSFORMATION : row(a, b)
