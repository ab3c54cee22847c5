-- dialect: athena
-- schema: t(a, b)
-- why: UNLOAD with the query as it is
unload (select a, '' as b from t) to 's3://bucket/out' with (format = 'parquet')
-- expected
-- columns: s3://bucket/out/a, s3://bucket/out/b
-- reads: t
-- writes: s3://bucket/out
-- s3://bucket/out/a <- t.a IDENTITY
