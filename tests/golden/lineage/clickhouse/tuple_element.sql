-- dialect: clickhouse
-- schema: t(a, b, c)
select tuple(a, b).1 as x, (a, b).2 as y from t
-- expected
-- columns: x, y
-- reads: t
-- x <- t.a IDENTITY : tuple(a, b).1
-- y <- t.b IDENTITY : (a, b).2
