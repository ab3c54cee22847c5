-- dialect: duckdb
-- schema: raw.orders(id, amount)
select amount as a, a + 1 as b from raw.orders
-- expected
-- columns: a, b
-- reads: raw.orders
-- a <- raw.orders.amount IDENTITY
-- b <- raw.orders.amount TRANSFORMATION : a + 1
