-- dialect: mysql
-- schema: t(id, j)
select t.id, jt.sku from t, json_table(t.j, '$[*]' columns (sku varchar(10) path '$.sku', qty int path '$.qty')) jt
-- expected
-- columns: id, sku
-- reads: t
-- id <- t.id IDENTITY : t.id
-- sku <- t.j[sku] TRANSFORMATION : json_table(t.j, '$[*]' columns (sku varchar(10) path '$.sku', qty int path '$.qty')) jt
-- (all) <- t.j JOIN : json_table(t.j, '$[*]' columns (sku varchar(10) path '$.sku', qty int path '$.qty')) jt
