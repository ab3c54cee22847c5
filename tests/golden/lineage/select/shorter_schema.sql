-- dialect: duckdb
-- schema: orders(id, amount)
-- why: a schema entry with fewer parts than the SQL
select id from db.raw.orders
-- expected
-- columns: id
-- reads: orders
-- id <- orders.id IDENTITY
