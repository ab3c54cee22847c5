-- dialect: snowflake
-- schema: raw.events(payload)
select e.payload:"Quoted Key".inner as v from raw.events e
-- expected
-- columns: V
-- reads: RAW.EVENTS
-- V <- RAW.EVENTS.PAYLOAD[Quoted Key.inner] IDENTITY : e.payload:"Quoted Key".inner
