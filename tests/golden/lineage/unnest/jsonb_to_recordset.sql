-- dialect: postgres
-- schema: t(id, j)
select t.id, r.x, r.y from t, jsonb_to_recordset(t.j) as r (x int, y text)
-- expected
-- columns: id, x, y
-- reads: t
-- id <- t.id IDENTITY : t.id
-- x <- t.j[x] TRANSFORMATION : jsonb_to_recordset(t.j) as r (x int, y text)
-- y <- t.j[y] TRANSFORMATION : jsonb_to_recordset(t.j) as r (x int, y text)
-- (all) <- t.j JOIN : jsonb_to_recordset(t.j) as r (x int, y text)
