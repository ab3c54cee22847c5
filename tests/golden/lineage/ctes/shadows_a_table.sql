-- dialect: postgres
-- schema: shop.orders(id, other)
-- why: the CTE hides the table of its name, inside it the table is meant
with orders as (select id, amount from raw.orders)
select id, amount from orders
-- expected
-- columns: id, amount
-- reads: raw.orders
-- id <- raw.orders.id IDENTITY
-- amount <- raw.orders.amount IDENTITY
