-- dialect: duckdb
-- schema: t(a, b)
create table x (k int, v int); insert into x select a, b from t; select v from x
-- expected
-- columns: x/k, x/v, v
-- reads: t, x
-- writes: x
-- x/k <- t.a IDENTITY
-- x/v <- t.b IDENTITY
-- v <- x.v IDENTITY
