-- dialect: mysql
-- schema: ev(id, doc)
-- why: the rows are elements of a part of the document
select j.x from ev, json_table(doc, '$.items[*]' columns (x int path '$.xx', nested path '$.l[*]' columns (y int path '$.z'))) j
-- expected
-- columns: x
-- reads: ev
-- x <- ev.doc[items.xx] TRANSFORMATION : json_table(doc, '$.items[*]' columns (x int path '$.xx', nested path '$.l[*]' columns (y int path '$.z'))) j
-- (all) <- ev.doc JOIN : json_table(doc, '$.items[*]' columns (x int path '$.xx', nested path '$.l[*]' columns (y int path '$.z'))) j
