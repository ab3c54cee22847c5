-- dialect: duckdb
-- schema: people(id, name)
select p.name, o.total from people p join read_parquet('orders/*.parquet') o on o.person_id = p.id
-- expected
-- columns: name, total
-- reads: orders/*.parquet, people
-- name <- people.name IDENTITY : p.name
-- total <- orders/*.parquet.total IDENTITY : o.total
-- (all) <- orders/*.parquet.person_id JOIN : o.person_id = p.id
-- (all) <- people.id JOIN : o.person_id = p.id
