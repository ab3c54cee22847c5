-- dialect: postgres
-- schema: t(a, b, c)
select q.x from (select a, b from t) as q (x, y) where q.y = 1
-- expected
-- columns: x
-- reads: t
-- x <- t.a IDENTITY
-- (all) <- t.b FILTER : q.y = 1
