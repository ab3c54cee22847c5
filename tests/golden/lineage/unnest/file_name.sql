-- dialect: duckdb
select id from 'data/people.parquet'
-- expected
-- columns: id
-- id <- data/people.parquet.id IDENTITY
