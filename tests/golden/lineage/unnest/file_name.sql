-- dialect: duckdb
select id from 'data/people.parquet'
-- expected
-- columns: id
-- reads: data/people.parquet
-- id <- data/people.parquet.id IDENTITY
