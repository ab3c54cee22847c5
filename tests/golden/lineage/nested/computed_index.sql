-- dialect: duckdb
-- schema: t(l, i)
-- why: the index is used too
select l[i] as x from t
-- expected
-- columns: x
-- reads: t
-- x <- t.l IDENTITY : l[i]
-- x <- t.i TRANSFORMATION : l[i]
