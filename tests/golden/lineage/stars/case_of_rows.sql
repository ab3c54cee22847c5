-- dialect: bigquery
-- schema: shop.now(id, price), shop.prior(id, price)
-- why: a field of one of two rows
select case when n.price > 0 then n else coalesce(t, n) end.price as price from shop.now n, shop.prior t
-- expected
-- columns: price
-- reads: shop.now, shop.prior
-- price <- shop.now.price TRANSFORMATION : case when n.price > 0 then n else coalesce(t, n) end.price
-- price <- shop.prior.price TRANSFORMATION : case when n.price > 0 then n else coalesce(t, n) end.price
-- price <- shop.now.price CONDITIONAL : case when n.price > 0 then n else coalesce(t, n) end.price
