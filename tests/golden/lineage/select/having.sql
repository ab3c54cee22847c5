-- dialect: postgres
-- schema: raw.orders(id, customer_id, amount, status, ordered_at), raw.customers(id, name, email, country)
select customer_id from raw.orders group by customer_id having sum(amount) > 100
-- expected
-- columns: customer_id
-- reads: raw.orders
-- customer_id <- raw.orders.customer_id IDENTITY
-- (all) <- raw.orders.amount FILTER : sum(amount) > 100
-- (all) <- raw.orders.customer_id GROUP_BY
