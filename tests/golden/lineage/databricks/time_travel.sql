-- dialect: databricks
-- schema: cat.s.t(a)
select a from cat.s.t version as of 3
-- expected
-- columns: a
-- a <- cat.s.t.a IDENTITY
