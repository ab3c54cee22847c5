-- dialect: duckdb
-- schema: sales(shop, quarter, amount)
-- why: the columns are named by the data
pivot sales on quarter using sum(amount) group by shop
-- expected
-- columns: shop, *
-- shop <- sales.shop IDENTITY
-- * <- sales.amount AGGREGATION : sum(amount)
-- * <- sales.quarter CONDITIONAL : sum(amount)
-- (all) <- sales.shop GROUP_BY
