-- dialect: bigquery
-- schema: d.orders(id, items)
select o.id, i.sku from d.orders o, o.items i
-- expected
-- columns: id, sku
-- reads: d.orders
-- id <- d.orders.id IDENTITY : o.id
-- sku <- d.orders.items[sku] TRANSFORMATION : i.sku
-- (all) <- d.orders.items JOIN : o.items i
