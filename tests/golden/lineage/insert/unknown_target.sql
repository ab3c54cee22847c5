-- dialect: trino
-- schema: t(a, b)
-- why: the target's columns are not known: named after the query's
insert into x select a, b from t
-- expected
-- columns: x/a, x/b
-- reads: t
-- writes: x
-- x/a <- t.a IDENTITY
-- x/b <- t.b IDENTITY
