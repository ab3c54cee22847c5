-- dialect: bigquery
-- schema: raw.orders(id, customer_id, amount, status, ordered_at), raw.customers(id, name, email, country)
select date_trunc(ordered_at, day) as day, count(id) as n from raw.orders group by day
-- expected
-- columns: day, n
-- reads: raw.orders
-- day <- raw.orders.ordered_at TRANSFORMATION : date_trunc(ordered_at, day)
-- n <- raw.orders.id AGGREGATION masked : count(id)
-- (all) <- raw.orders.ordered_at GROUP_BY : day
