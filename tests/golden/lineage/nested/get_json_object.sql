-- dialect: spark
-- schema: t(j)
select get_json_object(j, '$.a.b') as b, from_json(j, 'x int').x as x from t
-- expected
-- columns: b, x
-- reads: t
-- b <- t.j[a.b] TRANSFORMATION : get_json_object(j, '$.a.b')
-- x <- t.j[x] TRANSFORMATION : from_json(j, 'x int').x
