-- dialect: spark
-- schema: shop.wide(id, prices MAP<STRING, DECIMAL>, kinds)
-- why: EXPLODE of a map gives two columns, key and value
select key, value from (select explode(prices) from shop.wide)
-- expected
-- columns: key, value
-- reads: shop.wide
-- key <- shop.wide.prices TRANSFORMATION : explode(prices)
-- value <- shop.wide.prices TRANSFORMATION : explode(prices)
-- (all) <- shop.wide.prices JOIN : explode(prices)
