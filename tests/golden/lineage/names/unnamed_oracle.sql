-- dialect: oracle
-- schema: t(a, b, c)
select a + b, count( * ) from t
-- expected
-- columns: A+B, COUNT(*)
-- reads: T
-- A+B <- T.A TRANSFORMATION : a + b
-- A+B <- T.B TRANSFORMATION : a + b
