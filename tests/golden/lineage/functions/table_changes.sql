-- dialect: databricks
-- schema: shop.sales(region, total)
-- why: the change feed of a table has its columns and more
select total, _change_type from table_changes('shop.sales', 2)
-- expected
-- columns: total, _change_type
-- reads: shop.sales
-- total <- shop.sales.total IDENTITY
-- _change_type <- shop.sales._change_type IDENTITY
