-- dialect: hive
-- schema: a(x), b(x)
-- why: Hive moves the partition from the second table to the first
alter table a exchange partition (ds = '2026-01-01') with table b
-- expected
-- columns: a/x
-- reads: b
-- writes: a
-- a/x <- b.x IDENTITY
