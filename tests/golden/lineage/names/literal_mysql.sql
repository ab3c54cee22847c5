-- dialect: mysql
-- schema: t(a)
-- why: A text is named by what is in it
select 'x', 1, a from t
-- expected
-- columns: x, 1, a
-- reads: t
-- a <- t.a IDENTITY
