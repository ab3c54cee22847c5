-- dialect: postgres
-- schema: t(id, j)
select t.id, e.value ->> 'sku' as sku from t, jsonb_array_elements(t.j) as e
-- expected
-- columns: id, sku
-- reads: t
-- id <- t.id IDENTITY : t.id
-- sku <- t.j[sku] TRANSFORMATION : e.value ->> 'sku'
-- (all) <- t.j JOIN : jsonb_array_elements(t.j) as e
