-- dialect: oracle
-- schema: t(a, b, c)
select x.a from (select a, b from t) x, t y where x.b = y.b(+)
-- expected
-- columns: A
-- reads: T
-- A <- T.A IDENTITY : a
-- (all) <- T.B JOIN : x.b = y.b(+)
