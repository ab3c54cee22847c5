-- dialect: mysql
select json_unquote(doc->'$.a.b') as b, count(distinct doc->'$.id') as n from t
-- expected
-- columns: b, n
-- reads: t
-- b <- t.doc[a.b] TRANSFORMATION : json_unquote(doc->'$.a.b')
-- n <- t.doc[id] AGGREGATION masked : count(distinct doc->'$.id')
