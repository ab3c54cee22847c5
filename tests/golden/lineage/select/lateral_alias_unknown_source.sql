-- dialect: snowflake
-- why: the source may have a column of that name, which would win
select amount * 2 as double, double + 1 as more from raw.orders
-- expected
-- columns: DOUBLE, MORE
-- reads: RAW.ORDERS
-- DOUBLE <- RAW.ORDERS.AMOUNT TRANSFORMATION : amount * 2
-- MORE <- RAW.ORDERS.AMOUNT TRANSFORMATION ambiguous : double + 1
-- MORE <- RAW.ORDERS.DOUBLE TRANSFORMATION ambiguous : double + 1
-- finding: 1:30 ambiguous-column: DOUBLE could be a column of RAW.ORDERS
