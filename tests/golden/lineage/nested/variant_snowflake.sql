-- dialect: snowflake
-- schema: raw.events(payload)
select payload:user.id::int as user_id, payload:items[0].sku as sku, payload['kind'] as kind from raw.events
-- expected
-- columns: USER_ID, SKU, KIND
-- reads: RAW.EVENTS
-- USER_ID <- RAW.EVENTS.PAYLOAD[user.id] TRANSFORMATION : payload:user.id::int
-- SKU <- RAW.EVENTS.PAYLOAD[items.sku] IDENTITY : payload:items[0].sku
-- KIND <- RAW.EVENTS.PAYLOAD[kind] IDENTITY : payload['kind']
