-- dialect: postgres
-- schema: t(id, doc)
select t.id, e.sku, e.qty from t, jsonb_to_recordset(doc->'items') as e(sku text, qty int)
-- expected
-- columns: id, sku, qty
-- reads: t
-- id <- t.id IDENTITY : t.id
-- sku <- t.doc[items.sku] TRANSFORMATION : jsonb_to_recordset(doc->'items') as e(sku text, qty int)
-- qty <- t.doc[items.qty] TRANSFORMATION : jsonb_to_recordset(doc->'items') as e(sku text, qty int)
-- (all) <- t.doc[items] JOIN : jsonb_to_recordset(doc->'items') as e(sku text, qty int)
