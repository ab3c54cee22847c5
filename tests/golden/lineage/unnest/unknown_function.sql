-- dialect: duckdb
-- schema: t(id)
-- why: a function whose columns are not known
select f.anything, t.id from t, my_function(t.id) f
-- expected
-- columns: anything, id
-- reads: t
-- anything <- t.id TRANSFORMATION : my_function(t.id) f
-- id <- t.id IDENTITY : t.id
-- (all) <- t.id JOIN : my_function(t.id) f
