-- dialect: tsql
-- schema: db.dbo.t(a)
select x.a from db..t x
-- expected
-- columns: a
-- a <- db.t.a IDENTITY : x.a
