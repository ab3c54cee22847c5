-- dialect: trino
-- schema: t(a, b)
select cast(row(a, b) as row(x int, y int)).x as x from t
-- expected
-- columns: x
-- reads: t
-- x <- t.a TRANSFORMATION : cast(row(a, b) as row(x int, y int)).x
