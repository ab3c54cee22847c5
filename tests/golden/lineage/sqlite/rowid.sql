-- dialect: sqlite
-- schema: t(a, b, c)
select rowid, a from t
-- expected
-- columns: rowid, a
-- reads: t
-- rowid <- t.rowid IDENTITY
-- a <- t.a IDENTITY
