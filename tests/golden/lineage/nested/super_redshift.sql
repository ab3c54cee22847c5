-- dialect: redshift
-- schema: t(data)
select t.data.user.name as name, t.data.items[0].sku as sku from t
-- expected
-- columns: name, sku
-- reads: t
-- name <- t.data[user.name] IDENTITY : t.data.user.name
-- sku <- t.data[items.sku] IDENTITY : t.data.items[0].sku
