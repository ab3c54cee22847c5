-- dialect: databricks
-- schema: t(a, b, c)
select a, row_number() over (partition by b order by c) as rn from t qualify rn = 1
-- expected
-- columns: a, rn
-- a <- t.a IDENTITY
-- rn <- t.b WINDOW : row_number() over (partition by b order by c)
-- rn <- t.c WINDOW : row_number() over (partition by b order by c)
-- (all) <- t.b FILTER : rn = 1
-- (all) <- t.c FILTER : rn = 1
