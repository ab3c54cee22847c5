-- dialect: bigquery
-- schema: shop.orders(id, lines)
-- why: an array of the row, with its offset
select o.id, l.sku, at from shop.orders o, o.lines as l with offset as at
-- expected
-- columns: id, sku, at
-- reads: shop.orders
-- id <- shop.orders.id IDENTITY : o.id
-- sku <- shop.orders.lines[sku] TRANSFORMATION : l.sku
-- (all) <- shop.orders.lines JOIN : o.lines as l with offset as at
