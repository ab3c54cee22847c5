-- dialect: snowflake
-- schema: raw.orders(id, parent_id, amount)
with o as (select id, parent_id, amount from raw.orders)
select child.id, parent.amount - child.amount as rest from o child join o parent on parent.id = child.parent_id
-- expected
-- columns: ID, REST
-- reads: RAW.ORDERS
-- ID <- RAW.ORDERS.ID IDENTITY : id
-- REST <- RAW.ORDERS.AMOUNT TRANSFORMATION : parent.amount - child.amount
-- (all) <- RAW.ORDERS.ID JOIN : parent.id = child.parent_id
-- (all) <- RAW.ORDERS.PARENT_ID JOIN : parent.id = child.parent_id
