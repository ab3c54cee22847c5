-- dialect: sqlite
-- schema: t(id, j)
select t.id, json_each.value from t, json_each(t.j)
-- expected
-- columns: id, value
-- reads: t
-- id <- t.id IDENTITY : t.id
-- value <- t.j TRANSFORMATION : json_each(t.j)
-- (all) <- t.j JOIN : json_each(t.j)
