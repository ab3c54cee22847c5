-- dialect: snowflake
-- schema: raw.orders(payload)
select f.value as v from raw.orders, lateral flatten(input => payload, path => 'a.b', outer => true) f
-- expected
-- columns: V
-- reads: RAW.ORDERS
-- V <- RAW.ORDERS.PAYLOAD[a.b] TRANSFORMATION : flatten(input => payload, path => 'a.b', outer => true) f
-- (all) <- RAW.ORDERS.PAYLOAD[a.b] JOIN : flatten(input => payload, path => 'a.b', outer => true) f
