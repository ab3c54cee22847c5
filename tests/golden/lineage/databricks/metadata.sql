-- dialect: databricks
-- schema: t(a)
select a, _metadata.file_name as file from t
-- expected
-- columns: a, file
-- reads: t
-- a <- t.a IDENTITY
-- file <- t._metadata[file_name] IDENTITY : _metadata.file_name
