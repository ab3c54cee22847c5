-- dialect: postgres
-- schema: t(id, j)
-- why: sub-fields count in filters too
select id from t where j ->> 'status' = 'ok'
-- expected
-- columns: id
-- reads: t
-- id <- t.id IDENTITY
-- (all) <- t.j[status] FILTER : j ->> 'status' = 'ok'
