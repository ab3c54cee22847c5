-- dialect: mysql
-- schema: shop.users(id, Name)
select ID, name from shop.users
-- expected
-- columns: ID, name
-- reads: shop.users
-- ID <- shop.users.id IDENTITY : ID
-- name <- shop.users.Name IDENTITY : name
