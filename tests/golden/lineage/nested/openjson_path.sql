-- dialect: tsql
-- schema: ev(id, doc)
-- why: the rows are elements of a part of the document
select j.x, j.y from ev cross apply openjson(doc, '$.items') with (x int '$.xx', y int) j
-- expected
-- columns: x, y
-- reads: ev
-- x <- ev.doc[items.xx] TRANSFORMATION : openjson(doc, '$.items') with (x int '$.xx', y int) j
-- y <- ev.doc[items.y] TRANSFORMATION : openjson(doc, '$.items') with (x int '$.xx', y int) j
-- (all) <- ev.doc JOIN : openjson(doc, '$.items') with (x int '$.xx', y int) j
