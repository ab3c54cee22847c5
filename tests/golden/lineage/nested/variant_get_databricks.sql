-- dialect: databricks
-- schema: t(v)
-- why: The path is the second argument, the type the third
select variant_get(v, '$.c.d', 'int') as y, try_variant_get(v, '$.e', 'string') as z from t
-- expected
-- columns: y, z
-- reads: t
-- y <- t.v[c.d] TRANSFORMATION : variant_get(v, '$.c.d', 'int')
-- z <- t.v[e] TRANSFORMATION : try_variant_get(v, '$.e', 'string')
