-- dialect: bigquery
-- schema: d.users(Id, Name)
-- why: column names are compared without case, relations with
select id, NAME from d.users
-- expected
-- columns: id, NAME
-- reads: d.users
-- id <- d.users.Id IDENTITY : id
-- NAME <- d.users.Name IDENTITY : NAME
