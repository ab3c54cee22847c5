-- dialect: spark
-- schema: d.x(a, b, ds), s(p, q)
insert overwrite table d.x partition (ds = '2024') select p, q from s
-- expected
-- columns: d.x/a, d.x/b, d.x/ds
-- reads: s
-- writes: d.x
-- d.x/a <- s.p IDENTITY
-- d.x/b <- s.q IDENTITY
