-- dialect: databricks
-- schema: t(a, b, c)
select * except (a) from t
-- expected
-- columns: b, c
-- reads: t
-- b <- t.b IDENTITY : *
-- c <- t.c IDENTITY : *
