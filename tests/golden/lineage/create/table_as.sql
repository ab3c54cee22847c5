-- dialect: postgres
-- schema: t(a, b, c)
create table marts.x as select a, b + 1 as b1 from t where c > 0
-- expected
-- columns: marts.x/a, marts.x/b1
-- reads: t
-- writes: marts.x
-- marts.x/a <- t.a IDENTITY
-- marts.x/b1 <- t.b TRANSFORMATION : b + 1
-- marts.x/(all) <- t.c FILTER : c > 0
