-- dialect: oracle
-- schema: t(j)
-- why: A part of a document stays as it is stored
select json_query(j, '$.c.d') as y, json_value(j, '$.e') as z from t
-- expected
-- columns: Y, Z
-- reads: T
-- Y <- T.J[c.d] IDENTITY : json_query(j, '$.c.d')
-- Z <- T.J[e] TRANSFORMATION : json_value(j, '$.e')
