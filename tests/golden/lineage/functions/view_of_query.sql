-- dialect: clickhouse
-- schema: shop.orders(id, total)
-- why: a query as a function
select * from view(select id, total from shop.orders)
-- expected
-- columns: id, total
-- reads: shop.orders
-- id <- shop.orders.id IDENTITY
-- total <- shop.orders.total IDENTITY
