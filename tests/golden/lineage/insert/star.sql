-- dialect: duckdb
-- schema: x(k, v), t(a, b)
insert into x select * from t
-- expected
-- columns: x/k, x/v
-- reads: t
-- writes: x
-- x/k <- t.a IDENTITY : *
-- x/v <- t.b IDENTITY : *
