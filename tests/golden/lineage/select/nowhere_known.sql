-- dialect: duckdb
-- why: no schema at all: the only source takes all columns
select id, upper(name) as name from raw.customers where country = 'CH'
-- expected
-- columns: id, name
-- reads: raw.customers
-- id <- raw.customers.id IDENTITY
-- name <- raw.customers.name TRANSFORMATION : upper(name)
-- (all) <- raw.customers.country FILTER : country = 'CH'
