-- dialect: bigquery
-- schema: d.events_20240101(id, kind), d.events_20240102(id, kind, extra)
-- why: the columns are those of the newest table
select id, extra, _table_suffix as day from `d.events_*` where _table_suffix >= '20240101'
-- expected
-- columns: id, extra, day
-- id <- d.events_*.id IDENTITY
-- extra <- d.events_*.extra IDENTITY
-- day <- d.events_*._table_suffix IDENTITY
-- (all) <- d.events_*._table_suffix FILTER : _table_suffix >= '20240101'
