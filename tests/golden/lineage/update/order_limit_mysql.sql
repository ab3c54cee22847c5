-- dialect: mysql
-- schema: t(a, b, c)
-- why: The order picks the rows that change
update t set a = 1, b = a order by c limit 1
-- expected
-- columns: t/a, t/b
-- writes: t
-- t/b <- t.a IDENTITY
-- t/(all) <- t.c SORT
