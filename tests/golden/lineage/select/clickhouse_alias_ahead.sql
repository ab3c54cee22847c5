-- dialect: clickhouse
-- schema: raw.orders(id, amount)
-- why: ... and may be used before it is given
select later + 1 as sooner, amount * 2 as later from raw.orders
-- expected
-- columns: sooner, later
-- reads: raw.orders
-- sooner <- raw.orders.amount TRANSFORMATION : later + 1
-- later <- raw.orders.amount TRANSFORMATION : amount * 2
