-- dialect: duckdb
-- schema: events(id, info)
select info.user.id as user_id, events.info.kind, info['user']['name'] as name from events
-- expected
-- columns: user_id, kind, name
-- reads: events
-- user_id <- events.info[user.id] IDENTITY : info.user.id
-- kind <- events.info[kind] IDENTITY : events.info.kind
-- name <- events.info[user.name] IDENTITY : info['user']['name']
