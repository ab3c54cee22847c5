-- dialect: duckdb
-- schema: t(a, b, c)
copy t from 'in.csv'
-- expected
-- columns: t/*
-- writes: t
-- t/* <- in.csv.* IDENTITY
