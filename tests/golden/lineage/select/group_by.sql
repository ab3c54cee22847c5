-- dialect: duckdb
-- schema: raw.orders(id, customer_id, amount, status, ordered_at), raw.customers(id, name, email, country)
select customer_id, sum(amount) as total, count(*) as orders from raw.orders group by customer_id
-- expected
-- columns: customer_id, total, orders
-- reads: raw.orders
-- customer_id <- raw.orders.customer_id IDENTITY
-- total <- raw.orders.amount AGGREGATION : sum(amount)
-- (all) <- raw.orders.customer_id GROUP_BY
