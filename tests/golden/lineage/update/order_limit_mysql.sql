-- dialect: mysql
-- schema: t(a, b, c)
-- why: The order picks the rows that change
update t set b = a, a = 1 order by c limit 1
-- expected
-- columns: t/b, t/a
-- writes: t
-- t/b <- t.a IDENTITY
-- t/(all) <- t.c SORT
