-- dialect: duckdb
-- schema: db.raw.orders(id, amount)
-- why: a schema entry with more parts than the SQL
select id from raw.orders
-- expected
-- columns: id
-- reads: db.raw.orders
-- id <- db.raw.orders.id IDENTITY
