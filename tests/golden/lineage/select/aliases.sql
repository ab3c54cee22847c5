-- dialect: duckdb
-- schema: raw.orders(id, customer_id, amount, status, ordered_at), raw.customers(id, name, email, country)
select o.id as order_id, o.amount total from raw.orders as o
-- expected
-- columns: order_id, total
-- reads: raw.orders
-- order_id <- raw.orders.id IDENTITY : o.id
-- total <- raw.orders.amount IDENTITY : o.amount
