-- dialect: snowflake
-- schema: raw.orders(id, items)
select id, value:qty as qty from raw.orders, table(flatten(items))
-- expected
-- columns: ID, QTY
-- reads: RAW.ORDERS
-- ID <- RAW.ORDERS.ID IDENTITY : id
-- QTY <- RAW.ORDERS.ITEMS[qty] TRANSFORMATION : value:qty
-- (all) <- RAW.ORDERS.ITEMS JOIN : table(flatten(items))
