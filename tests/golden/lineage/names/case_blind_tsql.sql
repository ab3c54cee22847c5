-- dialect: tsql
-- schema: dbo.Users(Id, Name)
select ID, [Name] as n from DBO.USERS
-- expected
-- columns: ID, n
-- reads: dbo.Users
-- ID <- dbo.Users.Id IDENTITY : ID
-- n <- dbo.Users.Name IDENTITY : [Name]
