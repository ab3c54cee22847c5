-- dialect: postgres
-- schema: t(a, b, c)
-- why: the column list names them
create view v (x, y) as select a, b + c from t
-- expected
-- columns: v/x, v/y
-- writes: v
-- v/x <- t.a IDENTITY
-- v/y <- t.b TRANSFORMATION : b + c
-- v/y <- t.c TRANSFORMATION : b + c
