-- dialect: clickhouse
-- schema: t(user_id, name)
select columns('id$') from t
-- expected
-- columns: user_id
-- reads: t
-- user_id <- t.user_id IDENTITY : columns('id$')
