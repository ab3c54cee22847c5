-- dialect: duckdb
-- schema: x(k, v), t(v, k, z)
insert into x by name select v, k from t
-- expected
-- columns: x/v, x/k
-- reads: t
-- writes: x
-- x/v <- t.v IDENTITY
-- x/k <- t.k IDENTITY
