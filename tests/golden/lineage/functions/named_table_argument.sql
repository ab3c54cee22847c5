-- dialect: trino
-- schema: shop.sales(region, total)
-- why: named arguments
select f.total from table(forecast(input => table(shop.sales) partition by region, days => 3)) f
-- expected
-- columns: total
-- reads: shop.sales
-- total <- shop.sales.total IDENTITY ambiguous
-- (all) <- shop.sales.region JOIN : table(forecast(input => table(shop.sales) partition by region, days => 3)) f
