-- dialect: duckdb
-- schema: t(j)
select j -> '$.a.b' as b, j ->> 'c' as c, json_extract_string(j, '$.d') as d from t
-- expected
-- columns: b, c, d
-- reads: t
-- b <- t.j[a.b] IDENTITY : j -> '$.a.b'
-- c <- t.j[c] TRANSFORMATION : j ->> 'c'
-- d <- t.j[d] TRANSFORMATION : json_extract_string(j, '$.d')
