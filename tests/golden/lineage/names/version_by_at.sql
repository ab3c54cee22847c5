-- dialect: databricks
-- schema: shop.sales(region, total)
-- why: a version after the name
select s.total from shop.sales@v3 as s
-- expected
-- columns: total
-- reads: shop.sales
-- total <- shop.sales.total IDENTITY : s.total
