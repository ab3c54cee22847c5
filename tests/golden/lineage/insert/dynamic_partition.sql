-- dialect: hive
-- schema: s(p, q, day)
insert overwrite table x partition (ds) select p, q, day from s
-- expected
-- columns: x/p, x/q, x/ds
-- reads: s
-- writes: x
-- x/p <- s.p IDENTITY
-- x/q <- s.q IDENTITY
-- x/ds <- s.day IDENTITY
