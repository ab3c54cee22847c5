-- dialect: snowflake
-- schema: t(id NUMBER, o OBJECT(x NUMBER, y OBJECT(z VARCHAR)))
select o:x::int as x, o:y.z as z, f.value:sku as sku from t, lateral flatten(input => t.o) f
-- expected
-- columns: X, Z, SKU
-- reads: T
-- X <- T.O[x] TRANSFORMATION : o:x::int
-- Z <- T.O[y.z] IDENTITY : o:y.z
-- SKU <- T.O[sku] TRANSFORMATION : f.value:sku
-- (all) <- T.O JOIN : flatten(input => t.o) f
