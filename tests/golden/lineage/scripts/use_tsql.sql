-- dialect: tsql
-- why: USE names the database
use db1;
select a from dbo.y;
-- expected
-- columns: a
-- reads: db1.dbo.y
-- a <- db1.dbo.y.a IDENTITY
