-- dialect: duckdb
-- schema: t(a, b, c)
copy t from 'in.csv'
-- expected
-- columns: t/*
-- reads: in.csv
-- writes: t
-- t/* <- in.csv.* IDENTITY
