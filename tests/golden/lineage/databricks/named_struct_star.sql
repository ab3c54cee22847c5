-- dialect: databricks
-- schema: t(s)
select s.* from t
-- expected
-- columns: *
-- reads: t
-- * <- t.s IDENTITY : s.*
