-- dialect: teradata
-- schema: raw.orders(id, amount)
select amount + 1 as next_amount, next_amount * 2 as later from raw.orders
-- expected
-- columns: next_amount, later
-- reads: raw.orders
-- next_amount <- raw.orders.amount TRANSFORMATION : amount + 1
-- later <- raw.orders.amount TRANSFORMATION : next_amount * 2
