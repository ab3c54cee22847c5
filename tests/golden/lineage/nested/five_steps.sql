-- dialect: duckdb
-- schema: events(info)
select info.a.b.c.d.e as deep from events
-- expected
-- columns: deep
-- reads: events
-- deep <- events.info[a.b.c.d.e] IDENTITY : info.a.b.c.d.e
