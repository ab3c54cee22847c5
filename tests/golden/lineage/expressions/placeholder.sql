-- dialect: duckdb
-- schema: t(a, b, c)
select a + ? as x from t where b = $day
-- expected
-- columns: x
-- reads: t
-- x <- t.a TRANSFORMATION : a + ?
-- (all) <- t.b FILTER : b = $day
