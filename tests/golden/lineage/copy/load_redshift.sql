-- dialect: redshift
-- schema: t(a, b, c)
copy t from 's3://bucket/file' iam_role 'arn'
-- expected
-- columns: t/*
-- reads: s3://bucket/file
-- writes: t
-- t/* <- s3://bucket/file.* IDENTITY
