-- dialect: postgres
-- schema: t(a, b, c)
select ctid, a from t
-- expected
-- columns: ctid, a
-- reads: t
-- ctid <- t.ctid IDENTITY
-- a <- t.a IDENTITY
