-- dialect: oracle
-- schema: t(a, b, c)
select a from (select a from t order by b) where rownum <= 10
-- expected
-- columns: A
-- reads: T
-- A <- T.A IDENTITY : a
-- (all) <- T.B SORT : b
