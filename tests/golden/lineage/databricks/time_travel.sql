-- dialect: databricks
-- schema: cat.s.t(a)
select a from cat.s.t version as of 3
-- expected
-- columns: a
-- reads: cat.s.t
-- a <- cat.s.t.a IDENTITY
