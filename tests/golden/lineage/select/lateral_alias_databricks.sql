-- dialect: databricks
-- schema: raw.orders(id, amount)
select amount + 1 as a1, a1 + 1 as a2, a2 + 1 as a3 from raw.orders
-- expected
-- columns: a1, a2, a3
-- reads: raw.orders
-- a1 <- raw.orders.amount TRANSFORMATION : amount + 1
-- a2 <- raw.orders.amount TRANSFORMATION : a1 + 1
-- a3 <- raw.orders.amount TRANSFORMATION : a2 + 1
