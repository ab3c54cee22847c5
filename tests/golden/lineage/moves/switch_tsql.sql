-- dialect: tsql
-- schema: a(x), b(x)
-- why: The partition goes from the first table to the second
alter table dbo.a switch partition 3 to dbo.b
-- expected
-- columns: b/x
-- reads: a
-- writes: b
-- b/x <- a.x IDENTITY
