-- dialect: bigquery
select table_name from d.information_schema.tables
-- expected
-- columns: table_name
-- reads: d.information_schema.tables
-- table_name <- d.information_schema.tables.table_name IDENTITY
