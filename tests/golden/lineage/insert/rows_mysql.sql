-- dialect: mysql
-- schema: t(a, b), s(x)
-- why: VALUES ROW(...)
insert into t (a, b) values row(1, (select max(x) from s)), row(3, 4)
-- expected
-- columns: t/a, t/b
-- reads: s
-- writes: t
-- t/b <- s.x AGGREGATION : max(x)
