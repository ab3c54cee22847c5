-- dialect: oracle
-- schema: t(a, b, c)
select a from t order by b fetch first 5 rows only
-- expected
-- columns: A
-- reads: T
-- A <- T.A IDENTITY : a
-- (all) <- T.B SORT : b
