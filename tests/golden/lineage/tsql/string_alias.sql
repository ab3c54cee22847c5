-- dialect: tsql
-- schema: t(a, b, c)
select a as 'first', b "second" from t
-- expected
-- columns: first, second
-- reads: t
-- first <- t.a IDENTITY
-- second <- t.b IDENTITY
