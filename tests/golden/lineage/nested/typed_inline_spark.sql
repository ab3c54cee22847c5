-- dialect: spark
-- schema: t(id int, items array<struct<sku:string,qty:int>>)
select id, inline(items) from t
-- expected
-- columns: id, sku, qty
-- reads: t
-- id <- t.id IDENTITY
-- sku <- t.items[sku] TRANSFORMATION : inline(items)
-- qty <- t.items[qty] TRANSFORMATION : inline(items)
-- (all) <- t.items JOIN : inline(items)
