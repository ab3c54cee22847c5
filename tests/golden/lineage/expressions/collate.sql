-- dialect: sqlite
-- schema: t(a, b, c)
select a collate nocase as x from t
-- expected
-- columns: x
-- reads: t
-- x <- t.a TRANSFORMATION : a collate nocase
