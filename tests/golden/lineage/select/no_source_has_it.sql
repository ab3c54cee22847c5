-- dialect: duckdb
-- schema: raw.orders(id, customer_id, amount, status, ordered_at), raw.customers(id, name, email, country)
-- why: nothing here has such a column
select discount from raw.orders, raw.customers
-- expected
-- columns: discount
-- reads: raw.customers, raw.orders
-- discount <- ?.discount IDENTITY unresolved
-- finding: 1:8 unresolved-column: discount: no source here has such a column
