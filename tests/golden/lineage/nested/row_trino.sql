-- dialect: trino
-- schema: t(a, b)
select cast(row(a, b) as row(x int, y int)).x as x from t
-- expected
-- columns: x
-- x <- t.a TRANSFORMATION : cast(row(a, b) as row(x int, y int)).x
