-- dialect: snowflake
-- schema: db.s.t(a)
select a from identifier('db.s.t')
-- expected
-- columns: A
-- reads: DB.S.T
-- A <- DB.S.T.A IDENTITY : a
