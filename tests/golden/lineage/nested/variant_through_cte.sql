-- dialect: snowflake
-- schema: raw.events(payload)
-- why: the path goes on where the CTE left it
with e as (select payload:user as u from raw.events) select u:id::int as id, u:address.city as city from e
-- expected
-- columns: ID, CITY
-- reads: RAW.EVENTS
-- ID <- RAW.EVENTS.PAYLOAD[user.id] TRANSFORMATION : u:id::int
-- CITY <- RAW.EVENTS.PAYLOAD[user.address.city] IDENTITY : u:address.city
