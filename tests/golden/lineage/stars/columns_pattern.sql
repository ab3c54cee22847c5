-- dialect: duckdb
-- schema: t(user_id, name, order_id)
select columns('.*_id') from t
-- expected
-- columns: user_id, order_id
-- reads: t
-- user_id <- t.user_id IDENTITY : columns('.*_id')
-- order_id <- t.order_id IDENTITY : columns('.*_id')
