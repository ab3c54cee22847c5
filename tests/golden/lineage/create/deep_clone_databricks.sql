-- dialect: databricks
-- schema: s(a, b)
-- why: A clone has the same columns
create or replace table t deep clone s
-- expected
-- columns: t/a, t/b
-- reads: s
-- writes: t
-- t/a <- s.a IDENTITY
-- t/b <- s.b IDENTITY
