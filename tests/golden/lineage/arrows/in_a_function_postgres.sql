-- dialect: postgres
-- why: inside brackets `->` is a step into JSON here, never a lambda
select jsonb_array_length(doc->'items') as n, coalesce(doc->'a', other->'b') as c, custom(doc->0, 1) as d from t
-- expected
-- columns: n, c, d
-- reads: t
-- n <- t.doc[items] TRANSFORMATION : jsonb_array_length(doc->'items')
-- c <- t.doc[a] TRANSFORMATION : coalesce(doc->'a', other->'b')
-- c <- t.other[b] TRANSFORMATION : coalesce(doc->'a', other->'b')
-- d <- t.doc TRANSFORMATION : custom(doc->0, 1)
