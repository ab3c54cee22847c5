-- dialect: databricks
-- schema: cat.raw.orders(id, `order date`)
select `order date` as d from cat.raw.`orders`
-- expected
-- columns: d
-- reads: cat.raw.orders
-- d <- cat.raw.orders.order date IDENTITY : `order date`
