-- dialect: clickhouse
-- schema: a(x), b(x)
-- why: The partition goes from the first table to the second
alter table a move partition 202601 to table b
-- expected
-- columns: b/x
-- reads: a
-- writes: b
-- b/x <- a.x IDENTITY
