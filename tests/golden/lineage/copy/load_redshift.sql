-- dialect: redshift
-- schema: t(a, b, c)
copy t from 's3://bucket/file' iam_role 'arn'
-- expected
-- columns: t/*
-- writes: t
-- t/* <- s3://bucket/file.* IDENTITY
