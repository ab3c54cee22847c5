-- dialect: clickhouse
-- schema: a(x), b(x)
-- why: The partition is copied from the second table
alter table a replace partition 202601 from b
-- expected
-- columns: a/x
-- reads: b
-- writes: a
-- a/x <- b.x IDENTITY
