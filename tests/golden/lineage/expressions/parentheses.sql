-- dialect: duckdb
-- schema: t(a, b, c)
-- why: parentheses change nothing
select (a) as x, ((b)) as y from t
-- expected
-- columns: x, y
-- reads: t
-- x <- t.a IDENTITY
-- y <- t.b IDENTITY
