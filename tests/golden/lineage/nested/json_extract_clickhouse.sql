-- dialect: clickhouse
-- schema: t(j)
-- why: Keys one by one, the type last
select JSONExtract(j, 'a', 'Int') as x, JSONExtractInt(j, 'b', 'c') as y, JSON_VALUE(j, '$.d') as z from t
-- expected
-- columns: x, y, z
-- reads: t
-- x <- t.j[a] TRANSFORMATION : JSONExtract(j, 'a', 'Int')
-- y <- t.j[b.c] TRANSFORMATION : JSONExtractInt(j, 'b', 'c')
-- z <- t.j[d] TRANSFORMATION : JSON_VALUE(j, '$.d')
