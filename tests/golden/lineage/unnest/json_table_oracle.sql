-- dialect: oracle
-- schema: t(id, j)
select t.id, jt.sku from t, json_table(t.j, '$[*]' columns (sku varchar2(10) path '$.sku')) jt
-- expected
-- columns: ID, SKU
-- reads: T
-- ID <- T.ID IDENTITY : t.id
-- SKU <- T.J[sku] TRANSFORMATION : json_table(t.j, '$[*]' columns (sku varchar2(10) path '$.sku')) jt
-- (all) <- T.J JOIN : json_table(t.j, '$[*]' columns (sku varchar2(10) path '$.sku')) jt
