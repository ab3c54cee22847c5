-- dialect: tsql
-- schema: db.dbo.t(a)
select x.a from db..t x
-- expected
-- columns: a
-- reads: db.dbo.t
-- a <- db.dbo.t.a IDENTITY : x.a
