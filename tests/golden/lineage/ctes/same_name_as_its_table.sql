-- dialect: duckdb
-- schema: orders(id, amount)
-- why: without RECURSIVE the name inside is the table
with orders as (select id, amount + 1 as amount from orders)
select * from orders
-- expected
-- columns: id, amount
-- reads: orders
-- id <- orders.id IDENTITY
-- amount <- orders.amount TRANSFORMATION : amount + 1
