-- dialect: clickhouse
-- schema: shop.orders(id)
-- why: a table of another server is named by texts
select id, total from mysql('host', 'crm', 'orders', 'user', 'word')
-- expected
-- columns: id, total
-- reads: crm.orders
-- id <- crm.orders.id IDENTITY
-- total <- crm.orders.total IDENTITY
