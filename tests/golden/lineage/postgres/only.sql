-- dialect: postgres
-- schema: t(a, b, c)
select a from only t
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
