-- dialect: bigquery
-- schema: d.events(id, user)
select e.user.name, e.user.address.city from d.events as e
-- expected
-- columns: name, city
-- reads: d.events
-- name <- d.events.user[name] IDENTITY : e.user.name
-- city <- d.events.user[address.city] IDENTITY : e.user.address.city
