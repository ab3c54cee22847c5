-- dialect: tsql
-- schema: t(id, j)
select t.id, o.sku, o.qty from t cross apply openjson(t.j) with (sku varchar(10) '$.sku', qty int) o
-- expected
-- columns: id, sku, qty
-- reads: t
-- id <- t.id IDENTITY : t.id
-- sku <- t.j[sku] TRANSFORMATION : openjson(t.j) with (sku varchar(10) '$.sku', qty int) o
-- qty <- t.j[qty] TRANSFORMATION : openjson(t.j) with (sku varchar(10) '$.sku', qty int) o
-- (all) <- t.j JOIN : openjson(t.j) with (sku varchar(10) '$.sku', qty int) o
