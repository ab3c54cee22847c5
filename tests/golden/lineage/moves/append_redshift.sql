-- dialect: redshift
-- schema: a(x), b(x)
-- why: Rows go from the second table to the first
alter table a append from b
-- expected
-- columns: a/x
-- reads: b
-- writes: a
-- a/x <- b.x IDENTITY
