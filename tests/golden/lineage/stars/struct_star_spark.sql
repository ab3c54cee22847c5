-- dialect: spark
-- schema: t(id, info)
select id, info.* from t
-- expected
-- columns: id, *
-- reads: t
-- id <- t.id IDENTITY
-- * <- t.info IDENTITY : info.*
