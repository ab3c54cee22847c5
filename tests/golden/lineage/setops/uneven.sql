-- dialect: duckdb
-- schema: t(a, b), u(x)
-- why: not valid, told
select a, b from t union all select x from u
-- expected
-- columns: a, b
-- a <- t.a IDENTITY
-- a <- u.x IDENTITY
-- b <- t.b IDENTITY
-- finding: 1:8 set-operation: a set operation of 2 and 1 columns
