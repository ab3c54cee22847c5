-- dialect: snowflake
-- schema: shop.sales(region, total, day)
-- why: a relation named by a text, inside TABLE too
select i.total, region from table(identifier('shop.sales')) as i
-- expected
-- columns: TOTAL, REGION
-- reads: SHOP.SALES
-- TOTAL <- SHOP.SALES.TOTAL IDENTITY : i.total
-- REGION <- SHOP.SALES.REGION IDENTITY : region
