-- dialect: tsql
-- schema: t(id, doc)
select t.id, x.c.value('@k', 'int') as k from t cross apply t.doc.nodes('/a') as x(c)
-- expected
-- columns: id, k
-- reads: t
-- id <- t.id IDENTITY : t.id
-- k <- t.doc TRANSFORMATION : x.c.value('@k', 'int')
-- (all) <- t.doc JOIN : t.doc.nodes('/a') as x(c)
