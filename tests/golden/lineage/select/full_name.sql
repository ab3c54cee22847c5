-- dialect: snowflake
-- schema: db.raw.orders(id, amount)
-- why: a column named by its table's full name
select db.raw.orders.amount from db.raw.orders
-- expected
-- columns: AMOUNT
-- AMOUNT <- DB.RAW.ORDERS.AMOUNT IDENTITY : db.raw.orders.amount
