-- dialect: redshift
-- schema: raw.orders(id, amount)
select amount * 2 as twice, twice * 2 as four_times from raw.orders where twice > 10
-- expected
-- columns: twice, four_times
-- reads: raw.orders
-- twice <- raw.orders.amount TRANSFORMATION : amount * 2
-- four_times <- raw.orders.amount TRANSFORMATION : twice * 2
-- (all) <- raw.orders.amount FILTER : twice > 10
