-- dialect: postgres
-- schema: raw.orders(id, customer_id, amount, status, ordered_at), raw.customers(id, name, email, country)
-- why: id is in both: the qualifier decides
select o.id, c.id as customer from raw.orders o join raw.customers c on c.id = o.customer_id
-- expected
-- columns: id, customer
-- id <- raw.orders.id IDENTITY : o.id
-- customer <- raw.customers.id IDENTITY : c.id
-- (all) <- raw.customers.id JOIN : c.id = o.customer_id
-- (all) <- raw.orders.customer_id JOIN : c.id = o.customer_id
