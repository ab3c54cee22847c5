-- dialect: bigquery
-- schema: d.events(id, user)
-- why: user.name is a field of a column, not a column of a table
select user.name, user.address.city as city from d.events
-- expected
-- columns: name, city
-- reads: d.events
-- name <- d.events.user[name] IDENTITY : user.name
-- city <- d.events.user[address.city] IDENTITY : user.address.city
