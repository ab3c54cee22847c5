-- dialect: bigquery
-- schema: d.orders(id, items)
select id, item from d.orders left join unnest(items) item
-- expected
-- columns: id, item
-- reads: d.orders
-- id <- d.orders.id IDENTITY
-- item <- d.orders.items TRANSFORMATION : unnest(items) item
-- (all) <- d.orders.items JOIN : unnest(items) item
