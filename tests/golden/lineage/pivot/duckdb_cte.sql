-- dialect: duckdb
-- schema: sales(shop, quarter, amount)
with p as (pivot sales on quarter using sum(amount)) select shop from p
-- expected
-- columns: shop
-- reads: sales
-- shop <- sales.shop IDENTITY
-- (all) <- sales.shop GROUP_BY : pivot sales
