-- dialect: hive
-- schema: s(a, b, c)
from s insert overwrite table x select a where c > 1 insert into table y select b
-- expected
-- columns: x/a, y/b
-- writes: x
-- writes: y
-- x/a <- s.a IDENTITY
-- x/(all) <- s.c FILTER : c > 1
-- y/b <- s.b IDENTITY
