-- dialect: trino
-- schema: t(j)
select json_extract_scalar(j, '$.a.b') as b from t
-- expected
-- columns: b
-- b <- t.j[a.b] TRANSFORMATION : json_extract_scalar(j, '$.a.b')
