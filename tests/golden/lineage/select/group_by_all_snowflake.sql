-- dialect: snowflake
-- schema: raw.orders(id, customer_id, amount, status, ordered_at), raw.customers(id, name, email, country)
select customer_id, sum(amount) as total from raw.orders group by all
-- expected
-- columns: CUSTOMER_ID, TOTAL
-- reads: RAW.ORDERS
-- CUSTOMER_ID <- RAW.ORDERS.CUSTOMER_ID IDENTITY : customer_id
-- TOTAL <- RAW.ORDERS.AMOUNT AGGREGATION : sum(amount)
-- (all) <- RAW.ORDERS.CUSTOMER_ID GROUP_BY : customer_id
