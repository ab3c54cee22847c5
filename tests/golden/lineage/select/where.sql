-- dialect: duckdb
-- schema: raw.orders(id, customer_id, amount, status, ordered_at), raw.customers(id, name, email, country)
select id from raw.orders where status = 'paid' and amount > 10
-- expected
-- columns: id
-- reads: raw.orders
-- id <- raw.orders.id IDENTITY
-- (all) <- raw.orders.status FILTER : status = 'paid' and amount > 10
-- (all) <- raw.orders.amount FILTER : status = 'paid' and amount > 10
