-- dialect: snowflake
-- schema: raw.orders(id, amount, double)
-- why: a column of the source comes before an alias
select amount * 2 as double, double + 1 as more from raw.orders
-- expected
-- columns: DOUBLE, MORE
-- reads: RAW.ORDERS
-- DOUBLE <- RAW.ORDERS.AMOUNT TRANSFORMATION : amount * 2
-- MORE <- RAW.ORDERS.DOUBLE TRANSFORMATION : double + 1
