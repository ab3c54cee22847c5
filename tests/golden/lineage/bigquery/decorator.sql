-- dialect: bigquery
-- schema: p.d.events(id, kind)
select id from `p.d.events$20240101`
-- expected
-- columns: id
-- reads: p.d.events
-- id <- p.d.events.id IDENTITY
