-- dialect: athena
-- schema: "db-1"."t"(a)
select a from "db-1"."t"
-- expected
-- columns: a
-- reads: db-1.t
-- a <- db-1.t.a IDENTITY
