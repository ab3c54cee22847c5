-- dialect: trino
-- schema: shop.orders(id, customer), shop.customers(id, town), shop.refunds(id, reason)
-- why: a column that both have is either's
select x.id from shop.orders o left join shop.customers x on true left join shop.refunds x on true
-- expected
-- columns: id
-- reads: shop.customers, shop.orders, shop.refunds
-- id <- {shop.customers or shop.refunds}.id IDENTITY ambiguous : x.id
-- (all) <- shop.orders.* JOIN
-- finding: 1:10 ambiguous-column: id could be a column of shop.customers, shop.refunds
