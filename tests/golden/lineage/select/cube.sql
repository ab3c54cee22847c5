-- dialect: snowflake
-- schema: raw.orders(id, customer_id, amount, status, ordered_at), raw.customers(id, name, email, country)
select customer_id, status, count(*) as n from raw.orders group by cube (customer_id, status)
-- expected
-- columns: CUSTOMER_ID, STATUS, N
-- reads: RAW.ORDERS
-- CUSTOMER_ID <- RAW.ORDERS.CUSTOMER_ID IDENTITY : customer_id
-- STATUS <- RAW.ORDERS.STATUS IDENTITY : status
-- (all) <- RAW.ORDERS.CUSTOMER_ID GROUP_BY : cube (customer_id, status)
-- (all) <- RAW.ORDERS.STATUS GROUP_BY : cube (customer_id, status)
