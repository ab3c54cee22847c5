-- dialect: sqlite
select json_array_length(doc->'items') as n, upper(doc->'a') as a from t
-- expected
-- columns: n, a
-- reads: t
-- n <- t.doc[items] TRANSFORMATION : json_array_length(doc->'items')
-- a <- t.doc[a] TRANSFORMATION : upper(doc->'a')
