-- dialect: databricks
-- schema: shop.sales(region, total)
-- why: the same without parentheses
select region from forecast(table shop.sales)
-- expected
-- columns: region
-- reads: shop.sales
-- region <- shop.sales.region IDENTITY ambiguous
