-- dialect: hive
-- schema: t(id, m)
select id, k, v from t lateral view outer explode(m) e as k, v
-- expected
-- columns: id, k, v
-- reads: t
-- id <- t.id IDENTITY
-- k <- t.m TRANSFORMATION : explode(m) e as k
-- v <- t.m TRANSFORMATION : explode(m) e as k
-- (all) <- t.m JOIN : explode(m) e as k
