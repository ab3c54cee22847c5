-- dialect: snowflake
-- schema: raw.orders(id, customer_id, amount, status, ordered_at), raw.customers(id, name, email, country)
-- why: unquoted names are stored in capitals
select amount * 1.2 as gross, upper(status) as status from raw.orders
-- expected
-- columns: GROSS, STATUS
-- reads: RAW.ORDERS
-- GROSS <- RAW.ORDERS.AMOUNT TRANSFORMATION : amount * 1.2
-- STATUS <- RAW.ORDERS.STATUS TRANSFORMATION : upper(status)
