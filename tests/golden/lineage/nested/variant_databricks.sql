-- dialect: databricks
-- schema: t(raw)
select raw:owner.name, raw:items[*].price as prices, raw:zip::int as zip from t
-- expected
-- columns: name, prices, zip
-- reads: t
-- name <- t.raw[owner.name] IDENTITY : raw:owner.name
-- prices <- t.raw[items.price] IDENTITY : raw:items[*].price
-- zip <- t.raw[zip] TRANSFORMATION : raw:zip::int
