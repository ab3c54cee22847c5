-- dialect: databricks
-- schema: t(a, b, c)
select max(a), a * 2, c:x.y from t
-- expected
-- columns: max(a), (a * 2), y
-- reads: t
-- max(a) <- t.a AGGREGATION : max(a)
-- (a * 2) <- t.a TRANSFORMATION : a * 2
-- y <- t.c[x.y] IDENTITY : c:x.y
