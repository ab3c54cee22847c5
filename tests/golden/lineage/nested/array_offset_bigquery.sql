-- dialect: bigquery
-- schema: d.t(items)
select items[offset(0)].sku as sku, items[safe_ordinal(2)] as second from d.t
-- expected
-- columns: sku, second
-- reads: d.t
-- sku <- d.t.items[sku] IDENTITY : items[offset(0)].sku
-- second <- d.t.items IDENTITY : items[safe_ordinal(2)]
