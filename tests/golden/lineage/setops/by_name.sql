-- dialect: duckdb
-- schema: t(a, b), u(b, c)
-- why: columns meet by name; missing ones are null
select a, b from t union all by name select b, c from u
-- expected
-- columns: a, b, c
-- a <- t.a IDENTITY
-- b <- t.b IDENTITY
-- b <- u.b IDENTITY
-- c <- u.c IDENTITY
