-- dialect: clickhouse
-- schema: shop.prices(id, price)
-- why: a dictionary is a relation
select price from dictionary('shop.prices')
-- expected
-- columns: price
-- reads: shop.prices
-- price <- shop.prices.price IDENTITY
