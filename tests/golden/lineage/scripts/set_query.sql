-- dialect: databricks
-- schema: t(a)
-- why: A variable's query is read
set var x = (select max(a) from t)
-- expected
-- columns: 
-- reads: t
