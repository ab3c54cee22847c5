-- dialect: tsql
-- schema: t(j)
select json_value(j, '$.a.b') as b, json_query(j, '$.c') as c from t
-- expected
-- columns: b, c
-- reads: t
-- b <- t.j[a.b] TRANSFORMATION : json_value(j, '$.a.b')
-- c <- t.j[c] IDENTITY : json_query(j, '$.c')
