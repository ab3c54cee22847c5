-- dialect: duckdb
-- schema: raw.orders(id, customer_id, amount, status, ordered_at), raw.customers(id, name, email, country)
-- why: the expression told is the last one that did something
with a as (select id, amount * 100 as cents from raw.orders),
b as (select * from a),
c as (select id, cents as amount_in_cents from b)
select * from c
-- expected
-- columns: id, amount_in_cents
-- reads: raw.orders
-- id <- raw.orders.id IDENTITY
-- amount_in_cents <- raw.orders.amount TRANSFORMATION : amount * 100
