-- dialect: duckdb
-- schema: raw.orders(id, customer_id, amount, status, ordered_at), raw.customers(id, name, email, country)
select id from raw.orders order by amount desc, status
-- expected
-- columns: id
-- reads: raw.orders
-- id <- raw.orders.id IDENTITY
-- (all) <- raw.orders.amount SORT
-- (all) <- raw.orders.status SORT
