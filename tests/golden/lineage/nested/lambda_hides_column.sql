-- dialect: duckdb
-- schema: t(l, x)
-- why: inside the lambda x is no column
select list_transform(l, lambda x: x + 1) as m, x from t
-- expected
-- columns: m, x
-- reads: t
-- m <- t.l TRANSFORMATION : list_transform(l, lambda x: x + 1)
-- x <- t.x IDENTITY
