-- dialect: duckdb
-- why: the file is the relation
select id, upper(name) as name from read_csv('people.csv')
-- expected
-- columns: id, name
-- reads: people.csv
-- id <- people.csv.id IDENTITY
-- name <- people.csv.name TRANSFORMATION : upper(name)
