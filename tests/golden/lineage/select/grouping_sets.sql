-- dialect: trino
-- schema: raw.orders(id, customer_id, amount, status, ordered_at), raw.customers(id, name, email, country)
select customer_id, status, sum(amount) as total from raw.orders group by grouping sets ((customer_id), (status), ())
-- expected
-- columns: customer_id, status, total
-- customer_id <- raw.orders.customer_id IDENTITY
-- status <- raw.orders.status IDENTITY
-- total <- raw.orders.amount AGGREGATION : sum(amount)
-- (all) <- raw.orders.customer_id GROUP_BY : grouping sets ((customer_id), (status), ())
-- (all) <- raw.orders.status GROUP_BY : grouping sets ((customer_id), (status), ())
