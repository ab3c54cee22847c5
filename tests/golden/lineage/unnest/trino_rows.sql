-- dialect: presto
-- schema: t(id, items)
select id, sku, qty from t cross join unnest(items) as u (sku, qty)
-- expected
-- columns: id, sku, qty
-- reads: t
-- id <- t.id IDENTITY
-- sku <- t.items TRANSFORMATION : unnest(items) as u (sku, qty)
-- qty <- t.items TRANSFORMATION : unnest(items) as u (sku, qty)
-- (all) <- t.items JOIN : unnest(items) as u (sku, qty)
