-- dialect: redshift
-- schema: t(a, b, c)
unload ('select a, b from t where c = ''x''') to 's3://bucket/out' iam_role 'arn'
-- expected
-- columns: s3://bucket/out/a, s3://bucket/out/b
-- reads: t
-- writes: s3://bucket/out
-- s3://bucket/out/a <- t.a IDENTITY
-- s3://bucket/out/b <- t.b IDENTITY
-- s3://bucket/out/(all) <- t.c FILTER : c = ''x''
