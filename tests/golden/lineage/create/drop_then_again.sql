-- dialect: duckdb
-- schema: t(a, b)
create temp table s as select a from t; drop table s; create temp table s as select b as a from t; select a from s
-- expected
-- columns: s/a, s/a, a
-- reads: t
-- writes: s (temporary)
-- s/a <- t.a IDENTITY
-- s/a <- t.b IDENTITY
-- a <- t.b IDENTITY
