-- dialect: duckdb
-- schema: t(a, b, c)
copy (select a, b + 1 as b1 from t) to 'out.parquet' (format parquet)
-- expected
-- columns: out.parquet/a, out.parquet/b1
-- reads: t
-- writes: out.parquet
-- out.parquet/a <- t.a IDENTITY
-- out.parquet/b1 <- t.b TRANSFORMATION : b + 1
