-- dialect: hive
-- schema: t(j)
select a, b from t lateral view json_tuple(j, 'x', 'y') jt as a, b
-- expected
-- columns: a, b
-- reads: t
-- a <- t.j[x] TRANSFORMATION : json_tuple(j, 'x', 'y') jt as a
-- b <- t.j[y] TRANSFORMATION : json_tuple(j, 'x', 'y') jt as a
-- (all) <- t.j JOIN : json_tuple(j, 'x', 'y') jt as a
