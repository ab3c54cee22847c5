-- dialect: redshift
-- schema: t(id, items)
select t.id, i.sku, idx from t, t.items as i at idx
-- expected
-- columns: id, sku, idx
-- reads: t
-- id <- t.id IDENTITY : t.id
-- sku <- t.items[sku] TRANSFORMATION : i.sku
-- (all) <- t.items JOIN : t.items as i at idx
