-- dialect: postgres
-- schema: public.users(id, "Name")
select ID, "Name", Name from Public.Users
-- expected
-- columns: id, Name, name
-- reads: public.users
-- id <- public.users.id IDENTITY : ID
-- Name <- public.users.Name IDENTITY : "Name"
-- name <- public.users.Name IDENTITY
