-- dialect: bigquery
-- schema: p.d.events(id, kind)
select id from `p.d.events$20240101`
-- expected
-- columns: id
-- id <- p.d.events.id IDENTITY
