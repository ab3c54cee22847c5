-- dialect: snowflake
-- schema: db.raw.orders(id, amount)
-- why: a column named by its table's full name
select db.raw.orders.amount from db.raw.orders
-- expected
-- columns: AMOUNT
-- reads: DB.RAW.ORDERS
-- AMOUNT <- DB.RAW.ORDERS.AMOUNT IDENTITY : db.raw.orders.amount
