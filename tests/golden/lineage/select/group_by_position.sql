-- dialect: redshift
-- schema: raw.orders(id, customer_id, amount, status, ordered_at), raw.customers(id, name, email, country)
select date_trunc('day', ordered_at) as day, max(amount) as highest from raw.orders group by 1 order by 1
-- expected
-- columns: day, highest
-- reads: raw.orders
-- day <- raw.orders.ordered_at TRANSFORMATION : date_trunc('day', ordered_at)
-- highest <- raw.orders.amount AGGREGATION : max(amount)
-- (all) <- raw.orders.ordered_at GROUP_BY : 1
-- (all) <- raw.orders.ordered_at SORT : 1
