-- dialect: tsql
-- schema: t(id, a, b)
with q as (select a, b, row_number() over (partition by a order by b) as rn from t) update q set b = rn
-- expected
-- columns: t/b
-- reads: t
-- writes: t
-- t/b <- t.a WINDOW : row_number() over (partition by a order by b)
-- t/b <- t.b WINDOW : row_number() over (partition by a order by b)
