-- dialect: snowflake
-- schema: db.s.t(a)
select a from identifier('db.s.t')
-- expected
-- columns: A
-- A <- DB.S.T.A IDENTITY : a
