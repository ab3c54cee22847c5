-- dialect: clickhouse
-- schema: t(a, b, c)
select a from t final prewhere b = 1 where c = 2
-- expected
-- columns: a
-- reads: t
-- a <- t.a IDENTITY
-- (all) <- t.c FILTER : c = 2
-- (all) <- t.b FILTER : b = 1
