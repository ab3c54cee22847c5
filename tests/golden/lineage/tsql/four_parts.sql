-- dialect: tsql
-- why: A linked server
select t.a from srv.db.dbo.t join srv.db.dbo.u on t.id = u.id
-- expected
-- columns: a
-- reads: srv.db.dbo.t, srv.db.dbo.u
-- a <- srv.db.dbo.t.a IDENTITY : t.a
-- (all) <- srv.db.dbo.t.id JOIN : t.id = u.id
-- (all) <- srv.db.dbo.u.id JOIN : t.id = u.id
