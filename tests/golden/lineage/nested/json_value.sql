-- dialect: bigquery
-- schema: d.t(j)
select json_value(j, '$.a.b') as b, json_query(j, '$.c') as c, j.d.e as e from d.t
-- expected
-- columns: b, c, e
-- reads: d.t
-- b <- d.t.j[a.b] TRANSFORMATION : json_value(j, '$.a.b')
-- c <- d.t.j[c] IDENTITY : json_query(j, '$.c')
-- e <- d.t.j[d.e] IDENTITY : j.d.e
