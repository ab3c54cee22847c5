-- dialect: databricks
-- schema: t(s)
select s.* from t
-- expected
-- columns: *
-- * <- t.s IDENTITY : s.*
