-- dialect: sqlite
-- schema: t(j)
select json_extract(j, '$.a') as a, j ->> '$.b' as b from t
-- expected
-- columns: a, b
-- reads: t
-- a <- t.j[a] TRANSFORMATION : json_extract(j, '$.a')
-- b <- t.j[b] TRANSFORMATION : j ->> '$.b'
