-- dialect: spark
-- schema: t(a, b)
-- why: A directory is what is written
insert overwrite local directory '/out' using parquet select a, b from t
-- expected
-- columns: /out/a, /out/b
-- reads: t
-- writes: /out
-- /out/a <- t.a IDENTITY
-- /out/b <- t.b IDENTITY
