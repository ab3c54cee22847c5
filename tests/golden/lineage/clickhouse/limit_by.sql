-- dialect: clickhouse
-- schema: t(a, b, c)
select a, b from t order by b limit 1 by a
-- expected
-- columns: a, b
-- reads: t
-- a <- t.a IDENTITY
-- b <- t.b IDENTITY
-- (all) <- t.b SORT
-- (all) <- t.a FILTER
