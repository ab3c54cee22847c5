-- dialect: bigquery
-- schema: shop.sales(region, total)
-- why: the appended rows of a table
select a.total from appends(table shop.sales, null, null) a
-- expected
-- columns: total
-- reads: shop.sales
-- total <- shop.sales.total IDENTITY
