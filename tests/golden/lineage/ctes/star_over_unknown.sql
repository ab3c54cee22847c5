-- dialect: duckdb
-- why: columns of an unknown star are followed by name
with src as (select * from raw.orders), named as (select id as order_id, amount from src)
select order_id, amount * 2 as twice from named
-- expected
-- columns: order_id, twice
-- reads: raw.orders
-- order_id <- raw.orders.id IDENTITY
-- twice <- raw.orders.amount TRANSFORMATION : amount * 2
