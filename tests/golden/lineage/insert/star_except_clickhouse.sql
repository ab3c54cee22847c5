-- dialect: clickhouse
-- schema: t(a, b, c), s(b, c)
-- why: All columns but one are filled, by position
insert into t (* except(a)) select * from s
-- expected
-- columns: t/b, t/c
-- reads: s
-- writes: t
-- t/b <- s.b IDENTITY : *
-- t/c <- s.c IDENTITY : *
