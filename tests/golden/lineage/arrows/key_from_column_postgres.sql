-- dialect: postgres
-- schema: t(doc, k)
-- why: the key stands in a column
select jsonb_typeof(doc->k) as kind from t
-- expected
-- columns: kind
-- reads: t
-- kind <- t.doc TRANSFORMATION : jsonb_typeof(doc->k)
-- kind <- t.k TRANSFORMATION : jsonb_typeof(doc->k)
