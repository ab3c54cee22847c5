-- dialect: tsql
-- schema: dbo.t(a, b)
-- why: The file is what is read; the statement after it is one of its own
bulk insert dbo.t from 'c:\in.csv' with (fieldterminator = ',')
insert into dbo.u (a) select b from dbo.t
-- expected
-- columns: dbo.t/*, dbo.u/a
-- reads: c:\in.csv, dbo.t
-- writes: dbo.t
-- writes: dbo.u
-- dbo.t/* <- c:\in.csv.* IDENTITY
-- dbo.u/a <- dbo.t.b IDENTITY
