-- dialect: duckdb
-- schema: one.orders(id, amount), two.orders(id, price)
-- why: two relations answer to the name
select id from orders
-- expected
-- columns: id
-- reads: one.orders, two.orders
-- id <- {one.orders or two.orders}.id IDENTITY ambiguous
-- finding: 1:16 ambiguous-relation: orders could be one.orders, two.orders
