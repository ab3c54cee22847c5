-- dialect: snowflake
-- schema: sales(shop, quarter, amount)
-- why: the columns are named by the data
select * from sales pivot (sum(amount) for quarter in (any order by quarter))
-- expected
-- columns: SHOP, *
-- SHOP <- SALES.SHOP IDENTITY
-- * <- SALES.AMOUNT AGGREGATION : sales pivot (sum(amount) for quarter in (any order by quarter))
-- * <- SALES.QUARTER CONDITIONAL : sales pivot (sum(amount) for quarter in (any order by quarter))
-- (all) <- SALES.SHOP GROUP_BY : sales pivot (sum(amount) for quarter in (any order by quarter))
