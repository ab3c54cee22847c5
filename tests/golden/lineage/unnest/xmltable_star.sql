-- dialect: postgres
-- schema: t(a)
-- why: A function without an alias is called by its own name
select xmltable.* from t, xmltable('/r' passing a columns q int path 'a')
-- expected
-- columns: q
-- reads: t
-- q <- t.a TRANSFORMATION : xmltable('/r' passing a columns q int path 'a')
-- (all) <- t.a JOIN : xmltable('/r' passing a columns q int path 'a')
