-- dialect: databricks
-- schema: t(a)
-- why: A variable's query is read
set var x = (select max(a) from t)
-- expected
-- columns: 
-- reads: t
-- finding: 1:21 no-data: t.a: read for a condition or a variable, and no data goes on from there
