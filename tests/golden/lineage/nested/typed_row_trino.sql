-- dialect: trino
-- schema: t(id bigint, r row(x integer, y row(z varchar)))
-- why: each step into a row is kept
select r.x + 1 as x, t.r.y.z from t
-- expected
-- columns: x, z
-- reads: t
-- x <- t.r[x] TRANSFORMATION : r.x + 1
-- z <- t.r[y.z] IDENTITY : t.r.y.z
