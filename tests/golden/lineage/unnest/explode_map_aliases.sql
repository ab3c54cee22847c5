-- dialect: databricks
-- schema: shop.wide(id, prices map<string,decimal>)
-- why: POSEXPLODE of a map gives the position first
select posexplode(prices) as (at, kind, price) from shop.wide
-- expected
-- columns: at, kind, price
-- reads: shop.wide
-- kind <- shop.wide.prices TRANSFORMATION : posexplode(prices) as (at, kind, price)
-- price <- shop.wide.prices TRANSFORMATION : posexplode(prices) as (at, kind, price)
-- (all) <- shop.wide.prices JOIN : posexplode(prices) as (at, kind, price)
