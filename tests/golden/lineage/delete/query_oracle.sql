-- dialect: oracle
-- schema: t(a, b)
-- why: Rows go from the one table behind the query
delete (select * from t where a = 1) x where x.b = 2
-- expected
-- columns: 
-- reads: T
-- writes: T
-- T/(all) <- T.B FILTER : x.b = 2
-- T/(all) <- T.A FILTER : a = 1
