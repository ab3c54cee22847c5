-- dialect: postgres
-- schema: t(a, b, c)
-- why: the same columns, no data
create table x (like t); insert into x select c, b, a from t
-- expected
-- columns: x/a, x/b, x/c
-- writes: x
-- x/a <- t.c IDENTITY
-- x/b <- t.b IDENTITY
-- x/c <- t.a IDENTITY
