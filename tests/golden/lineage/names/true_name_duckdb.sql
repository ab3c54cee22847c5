-- dialect: duckdb
-- schema: t(Id)
-- why: DuckDB gives a column under the table's own spelling
select ID from t
-- expected
-- columns: Id
-- reads: t
-- Id <- t.Id IDENTITY : ID
