-- dialect: duckdb
-- schema: t(a), u(x)
-- why: a branch that repeats the same source
select a from t union all select a * 2 from t
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
-- a <- t.a TRANSFORMATION : a * 2
