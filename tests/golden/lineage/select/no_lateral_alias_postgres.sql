-- dialect: postgres
-- schema: raw.orders(id, amount), raw.extra(more)
-- why: PostgreSQL has no such names in the select list
select o.amount as total, o.id from raw.orders o where exists (select 1 from raw.extra e where e.more = o.amount)
-- expected
-- columns: total, id
-- total <- raw.orders.amount IDENTITY : o.amount
-- id <- raw.orders.id IDENTITY : o.id
-- (all) <- raw.extra.more FILTER : exists (select 1 from raw.extra e where e.more = o.amount)
-- (all) <- raw.orders.amount FILTER : exists (select 1 from raw.extra e where e.more = o.amount)
