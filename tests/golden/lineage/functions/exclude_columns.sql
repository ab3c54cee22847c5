-- dialect: trino
-- schema: shop.sales(region, total)
-- why: all but the columns that are described
select * from table(exclude_columns(input => table(shop.sales), columns => descriptor(region)))
-- expected
-- columns: total
-- reads: shop.sales
-- total <- shop.sales.total IDENTITY
-- (all) <- shop.sales.region JOIN : table(exclude_columns(input => table(shop.sales), columns => descriptor(region)))
