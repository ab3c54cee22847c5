-- dialect: tsql
-- schema: shop.sales(region, total)
-- why: the first argument is a table, the second a column of it
select f.rank from containstable(shop.sales, region, 'x') f
-- expected
-- columns: rank
-- reads: shop.sales
-- rank <- shop.sales.region TRANSFORMATION ambiguous
-- rank <- shop.sales.total TRANSFORMATION ambiguous
-- (all) <- shop.sales.region JOIN : containstable(shop.sales, region, 'x') f
