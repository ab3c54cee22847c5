-- dialect: tsql
-- schema: shop.sales(region, total)
-- why: the changes of a table
select c.total, c.sys_change_version from changetable(changes shop.sales, 0) as c
-- expected
-- columns: total, sys_change_version
-- reads: shop.sales
-- total <- shop.sales.total IDENTITY
-- sys_change_version <- shop.sales.region TRANSFORMATION ambiguous
-- sys_change_version <- shop.sales.total TRANSFORMATION ambiguous
