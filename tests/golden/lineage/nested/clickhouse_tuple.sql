-- dialect: clickhouse
-- schema: t(n)
select n.x as x, tupleElement(n, 'y') as y from t
-- expected
-- columns: x, y
-- reads: t
-- x <- t.n[x] IDENTITY : n.x
-- y <- t.n[y] IDENTITY : tupleElement(n, 'y')
