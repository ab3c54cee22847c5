-- dialect: postgres
-- schema: t(id, arr)
select id, u.x, u.n from t cross join lateral unnest(arr) with ordinality as u (x, n)
-- expected
-- columns: id, x, n
-- reads: t
-- id <- t.id IDENTITY
-- x <- t.arr TRANSFORMATION : unnest(arr) with ordinality as u (x, n)
-- (all) <- t.arr JOIN : unnest(arr) with ordinality as u (x, n)
