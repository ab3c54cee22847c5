-- dialect: duckdb
-- schema: raw.orders(id, amount)
-- why: only one relation can have it: the other's columns are known
select amount, loyalty_points from raw.orders, raw.members
-- expected
-- columns: amount, loyalty_points
-- reads: raw.members, raw.orders
-- amount <- raw.orders.amount IDENTITY
-- loyalty_points <- raw.members.loyalty_points IDENTITY
