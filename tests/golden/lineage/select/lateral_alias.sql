-- dialect: snowflake
-- schema: raw.orders(id, amount)
-- why: the select list sees its own names
select amount * 2 as double, double + 1 as more from raw.orders
-- expected
-- columns: DOUBLE, MORE
-- reads: RAW.ORDERS
-- DOUBLE <- RAW.ORDERS.AMOUNT TRANSFORMATION : amount * 2
-- MORE <- RAW.ORDERS.AMOUNT TRANSFORMATION : double + 1
