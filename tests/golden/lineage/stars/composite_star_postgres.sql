-- dialect: postgres
-- schema: t(id, addr)
select id, (addr).* from t
-- expected
-- columns: id, *
-- reads: t
-- id <- t.id IDENTITY
-- * <- t.addr IDENTITY
