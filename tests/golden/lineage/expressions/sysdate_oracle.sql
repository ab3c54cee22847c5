-- dialect: oracle
-- schema: t(a, b, c)
select sysdate as now, user as who, rownum as n, a from t
-- expected
-- columns: NOW, WHO, N, A
-- reads: T
-- A <- T.A IDENTITY : a
