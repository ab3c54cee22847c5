-- dialect: postgres
-- schema: raw.orders(id, customer_id, amount, status, ordered_at), raw.customers(id, name, email, country)
select customer_id, status, sum(amount) from raw.orders group by rollup (customer_id, status)
-- expected
-- columns: customer_id, status, sum
-- customer_id <- raw.orders.customer_id IDENTITY
-- status <- raw.orders.status IDENTITY
-- sum <- raw.orders.amount AGGREGATION : sum(amount)
-- (all) <- raw.orders.customer_id GROUP_BY : rollup (customer_id, status)
-- (all) <- raw.orders.status GROUP_BY : rollup (customer_id, status)
