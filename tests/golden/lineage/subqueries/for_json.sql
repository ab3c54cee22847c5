-- dialect: tsql
-- schema: t(id), u(id, x)
select id, (select x from u where u.id = t.id for json path) as j from t
-- expected
-- columns: id, j
-- reads: t, u
-- id <- t.id IDENTITY
-- j <- u.x TRANSFORMATION
-- j <- u.id FILTER : u.id = t.id
-- j <- t.id FILTER : u.id = t.id
