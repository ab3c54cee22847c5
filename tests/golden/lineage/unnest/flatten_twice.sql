-- dialect: snowflake
-- schema: raw.orders(payload)
select g.value:name as name from raw.orders, lateral flatten(input => payload:lines) f, lateral flatten(input => f.value:taxes) g
-- expected
-- columns: NAME
-- reads: RAW.ORDERS
-- NAME <- RAW.ORDERS.PAYLOAD[lines.taxes.name] TRANSFORMATION : g.value:name
-- (all) <- RAW.ORDERS.PAYLOAD[lines.taxes] JOIN : flatten(input => f.value:taxes) g
-- (all) <- RAW.ORDERS.PAYLOAD[lines] JOIN : flatten(input => payload:lines) f
