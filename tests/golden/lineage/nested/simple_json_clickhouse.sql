-- dialect: clickhouse
-- schema: t(j)
-- why: The second argument is a key
select simpleJSONExtractInt(j, 'x') as a, visitParamExtractString(j, 'y') as b from t
-- expected
-- columns: a, b
-- reads: t
-- a <- t.j[x] TRANSFORMATION : simpleJSONExtractInt(j, 'x')
-- b <- t.j[y] TRANSFORMATION : visitParamExtractString(j, 'y')
