-- dialect: bigquery
-- schema: d.events(id)
-- why: a hidden column of the table
select id from d.events where _partitiontime > timestamp('2024-01-01')
-- expected
-- columns: id
-- reads: d.events
-- id <- d.events.id IDENTITY
-- (all) <- d.events._partitiontime FILTER : _partitiontime > timestamp('2024-01-01')
