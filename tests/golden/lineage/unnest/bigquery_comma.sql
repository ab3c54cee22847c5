-- dialect: bigquery
-- schema: d.orders(id, items)
-- why: the alias is the element
select o.id, item.sku, item.qty * 2 as twice from d.orders o, unnest(o.items) as item
-- expected
-- columns: id, sku, twice
-- id <- d.orders.id IDENTITY : o.id
-- sku <- d.orders.items[sku] TRANSFORMATION : unnest(o.items) as item
-- twice <- d.orders.items[qty] TRANSFORMATION : item.qty * 2
-- (all) <- d.orders.items JOIN : unnest(o.items) as item
