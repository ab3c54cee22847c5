-- dialect: duckdb
-- schema: t(a, b, c)
copy t to 'out.csv'
-- expected
-- columns: out.csv/a, out.csv/b, out.csv/c
-- reads: t
-- writes: out.csv
-- out.csv/a <- t.a IDENTITY
-- out.csv/b <- t.b IDENTITY
-- out.csv/c <- t.c IDENTITY
