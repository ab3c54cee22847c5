-- dialect: sqlite
-- schema: t(a, b, c)
select a+b, count(*) from t
-- expected
-- columns: a+b, count(*)
-- reads: t
-- a+b <- t.a TRANSFORMATION : a+b
-- a+b <- t.b TRANSFORMATION : a+b
