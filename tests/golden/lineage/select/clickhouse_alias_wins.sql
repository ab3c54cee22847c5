-- dialect: clickhouse
-- schema: raw.orders(id, amount, total)
-- why: in ClickHouse an alias comes before a column
select amount * 2 as total, total + 1 as more from raw.orders
-- expected
-- columns: total, more
-- reads: raw.orders
-- total <- raw.orders.amount TRANSFORMATION : amount * 2
-- more <- raw.orders.amount TRANSFORMATION : total + 1
