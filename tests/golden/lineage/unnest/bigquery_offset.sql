-- dialect: bigquery
-- schema: d.orders(id, tags)
select id, tag, pos from d.orders cross join unnest(tags) as tag with offset as pos
-- expected
-- columns: id, tag, pos
-- reads: d.orders
-- id <- d.orders.id IDENTITY
-- tag <- d.orders.tags TRANSFORMATION : unnest(tags) as tag with offset as pos
-- (all) <- d.orders.tags JOIN : unnest(tags) as tag with offset as pos
