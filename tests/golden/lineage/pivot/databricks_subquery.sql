-- dialect: databricks
-- schema: sales(shop, quarter, amount)
select shop, q1 from (select shop, quarter, amount from sales) pivot (max(amount) for quarter in ('Q1' as q1))
-- expected
-- columns: shop, q1
-- reads: sales
-- shop <- sales.shop IDENTITY
-- q1 <- sales.amount AGGREGATION : (select shop, quarter, amount from sales) pivot (max(amount) for quarter in ('Q1' as q1))
-- q1 <- sales.quarter CONDITIONAL : (select shop, quarter, amount from sales) pivot (max(amount) for quarter in ('Q1' as q1))
-- (all) <- sales.shop GROUP_BY : (select shop, quarter, amount from sales) pivot (max(amount) for quarter in ('Q1' as q1))
