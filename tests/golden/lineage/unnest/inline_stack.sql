-- dialect: spark
-- schema: t(items, a, b)
select inline(items) as (sku, qty) from t
-- expected
-- columns: sku, qty
-- reads: t
-- sku <- t.items TRANSFORMATION : inline(items) as (sku, qty)
-- qty <- t.items TRANSFORMATION : inline(items) as (sku, qty)
-- (all) <- t.items JOIN : inline(items) as (sku, qty)
