-- dialect: oracle
-- schema: docs(id, x)
select d.id, t.a from docs d, xmltable('/r' passing d.x columns a number path 'a') t
-- expected
-- columns: ID, A
-- reads: DOCS
-- ID <- DOCS.ID IDENTITY : d.id
-- A <- DOCS.X TRANSFORMATION : xmltable('/r' passing d.x columns a number path 'a') t
-- (all) <- DOCS.X JOIN : xmltable('/r' passing d.x columns a number path 'a') t
