-- dialect: postgres
-- schema: raw.orders(id, customer_id, amount, status, ordered_at), raw.customers(id, name, email, country)
-- why: a constant depends on nothing
select 1 as one, 'x' as letter, null as nothing from raw.orders
-- expected
-- columns: one, letter, nothing
-- reads: raw.orders
-- (all) <- raw.orders.* JOIN
