-- dialect: hive
-- schema: t(a, b)
select transform (a, b) using 'cat' as (x, y) from t
-- expected
-- columns: x, y
-- reads: t
-- x <- t.a TRANSFORMATION : transform (a, b)
-- x <- t.b TRANSFORMATION : transform (a, b)
-- y <- t.a TRANSFORMATION : transform (a, b)
-- y <- t.b TRANSFORMATION : transform (a, b)
