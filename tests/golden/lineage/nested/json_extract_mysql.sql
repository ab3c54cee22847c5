-- dialect: mysql
-- schema: t(j)
select j->'$.a' as a, j->>'$.b.c' as c, json_extract(j, '$.d') as d from t
-- expected
-- columns: a, c, d
-- reads: t
-- a <- t.j[a] IDENTITY : j->'$.a'
-- c <- t.j[b.c] TRANSFORMATION : j->>'$.b.c'
-- d <- t.j[d] IDENTITY : json_extract(j, '$.d')
