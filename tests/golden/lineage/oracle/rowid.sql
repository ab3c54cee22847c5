-- dialect: oracle
-- schema: t(a, b, c)
-- why: a hidden column of the table
select rowid, a from t
-- expected
-- columns: ROWID, A
-- reads: T
-- ROWID <- T.ROWID IDENTITY : rowid
-- A <- T.A IDENTITY : a
