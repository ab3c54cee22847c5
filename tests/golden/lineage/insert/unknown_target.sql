-- dialect: trino
-- schema: t(a, b)
-- why: the target's columns are not known: named after the query's
insert into x select a, b from t
-- expected
-- columns: x/a, x/b
-- writes: x
-- x/a <- t.a IDENTITY
-- x/b <- t.b IDENTITY
