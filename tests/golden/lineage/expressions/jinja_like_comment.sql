-- dialect: postgres
-- schema: t(a, b, c)
-- why: comments say nothing
select a -- from u
, b /* , c */ from t
-- expected
-- columns: a, b
-- reads: t
-- a <- t.a IDENTITY
-- b <- t.b IDENTITY
