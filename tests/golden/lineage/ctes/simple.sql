-- dialect: postgres
-- schema: raw.orders(id, customer_id, amount, status, ordered_at), raw.customers(id, name, email, country)
with paid as (select id, customer_id, amount from raw.orders where status = 'paid')
select customer_id, sum(amount) as total from paid group by customer_id
-- expected
-- columns: customer_id, total
-- reads: raw.orders
-- customer_id <- raw.orders.customer_id IDENTITY
-- total <- raw.orders.amount AGGREGATION : sum(amount)
-- (all) <- raw.orders.customer_id GROUP_BY
-- (all) <- raw.orders.status FILTER : status = 'paid'
