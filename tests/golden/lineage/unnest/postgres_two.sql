-- dialect: postgres
-- schema: t(a, b)
select u.x, u.y from t, unnest(a, b) as u (x, y)
-- expected
-- columns: x, y
-- reads: t
-- x <- t.a TRANSFORMATION : unnest(a, b) as u (x, y)
-- y <- t.b TRANSFORMATION : unnest(a, b) as u (x, y)
-- (all) <- t.a JOIN : unnest(a, b) as u (x, y)
-- (all) <- t.b JOIN : unnest(a, b) as u (x, y)
