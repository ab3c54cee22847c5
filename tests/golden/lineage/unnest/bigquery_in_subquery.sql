-- dialect: bigquery
-- schema: d.orders(id, items)
select id, (select sum(i.qty) from unnest(items) as i) as total from d.orders
-- expected
-- columns: id, total
-- reads: d.orders
-- id <- d.orders.id IDENTITY
-- total <- d.orders.items[qty] AGGREGATION : sum(i.qty)
-- total <- d.orders.items JOIN : unnest(items) as i
