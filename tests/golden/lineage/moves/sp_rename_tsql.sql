-- dialect: tsql
-- schema: dbo.a(x)
-- why: The new name is in the old one's schema
exec sp_rename 'dbo.a', 'b'
-- expected
-- columns: dbo.b/x
-- reads: dbo.a
-- writes: dbo.b
-- dbo.b/x <- dbo.a.x IDENTITY
