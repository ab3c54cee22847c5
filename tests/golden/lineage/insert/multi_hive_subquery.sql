-- dialect: hive
-- schema: y(c1, c2)
-- sqlglot: 30.30
-- why: The subquery's alias is seen in each INSERT
from (select c1, c2 from y) x
insert overwrite table a select x.c1
insert into b select x.c2 where x.c1 > 1
-- expected
-- columns: a/c1, b/c2
-- reads: y
-- writes: a
-- writes: b
-- a/c1 <- y.c1 IDENTITY
-- b/c2 <- y.c2 IDENTITY
-- b/(all) <- y.c1 FILTER : x.c1 > 1
