-- dialect: duckdb
-- schema: t(a, b)
select unnest({'p': a, 'q': b + 1}) from t
-- expected
-- columns: p, q
-- reads: t
-- p <- t.a IDENTITY
-- q <- t.b TRANSFORMATION : unnest({'p': a, 'q': b + 1})
