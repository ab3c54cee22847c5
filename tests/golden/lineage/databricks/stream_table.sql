-- dialect: databricks
-- schema: raw.x(a, b)
-- why: A stream over a table has its columns
create streaming table st as select * from stream(raw.x)
-- expected
-- columns: st/a, st/b
-- reads: raw.x
-- writes: st
-- st/a <- raw.x.a IDENTITY : *
-- st/b <- raw.x.b IDENTITY : *
