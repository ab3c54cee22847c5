-- dialect: sqlite
-- schema: t(a, b, c)
select a from t where b glob 'x*'
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
-- (all) <- t.b FILTER : b glob 'x*'
