-- dialect: trino
-- schema: shop.sales(region, total)
-- why: a number in groups of digits is no alias
select total * 1_000 as thousands from shop.sales where total > 10_000.5
-- expected
-- columns: thousands
-- reads: shop.sales
-- thousands <- shop.sales.total TRANSFORMATION : total * 1_000
-- (all) <- shop.sales.total FILTER : total > 10_000.5
