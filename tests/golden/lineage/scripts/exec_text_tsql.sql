-- dialect: tsql
-- why: EXEC of a text, and names after USE
use [db];
exec('create view dbo.v as select id, a from dbo.s;');
select * into dbo.t_tmp from dbo.v option (label = 'x');
exec sp_rename 'dbo.t_tmp', 't';
-- expected
-- columns: db.dbo.v/id, db.dbo.v/a, db.dbo.t_tmp/id, db.dbo.t_tmp/a, db.dbo.t/id, db.dbo.t/a
-- reads: db.dbo.s, db.dbo.v
-- writes: db.dbo.t
-- writes: db.dbo.t_tmp
-- writes: db.dbo.v
-- db.dbo.v/id <- db.dbo.s.id IDENTITY
-- db.dbo.v/a <- db.dbo.s.a IDENTITY
-- db.dbo.t_tmp/id <- db.dbo.v.id IDENTITY : *
-- db.dbo.t_tmp/a <- db.dbo.v.a IDENTITY : *
-- db.dbo.t/id <- db.dbo.v.id IDENTITY : *
-- db.dbo.t/a <- db.dbo.v.a IDENTITY : *
