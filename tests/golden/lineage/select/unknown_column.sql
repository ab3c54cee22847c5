-- dialect: duckdb
-- schema: raw.orders(id, customer_id, amount, status, ordered_at), raw.customers(id, name, email, country)
-- why: the relation is known not to have it
select o.discount from raw.orders o
-- expected
-- columns: discount
-- reads: raw.orders
-- discount <- raw.orders.discount IDENTITY unresolved : o.discount
-- finding: 1:10 unknown-column: raw.orders has no column discount
