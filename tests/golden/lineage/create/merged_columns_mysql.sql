-- dialect: mysql
-- schema: s(a, b)
-- why: The declared columns come beside those of the query
create table t (id int primary key, q int) as select a as id, b from s
-- expected
-- columns: t/q, t/id, t/b
-- reads: s
-- writes: t
-- t/id <- s.a IDENTITY
-- t/b <- s.b IDENTITY
