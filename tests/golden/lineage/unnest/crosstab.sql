-- dialect: postgres
-- why: A query in a text is not read, and that is said
select * from crosstab('select a, b, c from t') as ct(a int, b int)
-- expected
-- columns: a, b
-- reads: t
-- a <- t.a IDENTITY
-- b <- t.b CONDITIONAL
-- b <- t.c TRANSFORMATION
