-- dialect: duckdb
-- schema: t(id, a)
-- why: DuckDB lets a subquery see its siblings without saying LATERAL
select t.a, s.k from t, (select t.a + 1 as k) s
-- expected
-- columns: a, k
-- reads: t
-- a <- t.a IDENTITY : t.a
-- k <- t.a TRANSFORMATION : t.a + 1
