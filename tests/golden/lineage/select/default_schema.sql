-- dialect: postgres
-- schema: main.orders(id), other.orders(id, x)
-- default_schema: main
-- why: the default schema decides
select id from orders
-- expected
-- columns: id
-- reads: main.orders
-- id <- main.orders.id IDENTITY
