-- dialect: duckdb
-- schema: t(id, a, b), u(id, x, y), v(id, z)
-- why: a CTE that nothing uses adds no edges
with unused as (select x from u) select a from t
-- expected
-- columns: a
-- reads: t, u
-- a <- t.a IDENTITY
