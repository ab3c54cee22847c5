-- dialect: postgres
-- schema: raw.orders(id, customer_id, amount, status, ordered_at), raw.customers(id, name, email, country)
select id, amount from raw.orders
-- expected
-- columns: id, amount
-- reads: raw.orders
-- id <- raw.orders.id IDENTITY
-- amount <- raw.orders.amount IDENTITY
