-- dialect: mysql
-- schema: raw.orders(id, customer_id, amount, status, ordered_at), raw.customers(id, name, email, country)
-- why: HAVING may name a column of the result
select customer_id, sum(amount) as total from raw.orders group by customer_id having total > 100
-- expected
-- columns: customer_id, total
-- customer_id <- raw.orders.customer_id IDENTITY
-- total <- raw.orders.amount AGGREGATION : sum(amount)
-- (all) <- raw.orders.amount FILTER : total > 100
-- (all) <- raw.orders.customer_id GROUP_BY
