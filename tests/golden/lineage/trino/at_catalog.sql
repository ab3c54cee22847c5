-- dialect: trino
-- schema: hive.web.t(a)
select a from hive.web.t
-- expected
-- columns: a
-- reads: hive.web.t
-- a <- hive.web.t.a IDENTITY
