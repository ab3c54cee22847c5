-- dialect: sqlite
-- schema: t(a, b, c)
select rowid, a from t
-- expected
-- columns: rowid, a
-- rowid <- t.rowid IDENTITY
-- a <- t.a IDENTITY
