-- dialect: tsql
-- schema: t(a)
select a into dbo.x from t
GO
select a from dbo.x
-- expected
-- columns: dbo.x/a, a
-- reads: dbo.x, t
-- writes: dbo.x
-- dbo.x/a <- t.a IDENTITY
-- a <- dbo.x.a IDENTITY
