-- dialect: duckdb
-- schema: t(user_id, name, order_id)
select columns(lambda c: c like '%_id') from t
-- expected
-- columns: user_id, order_id
-- reads: t
-- user_id <- t.user_id IDENTITY : columns(lambda c: c like '%_id')
-- order_id <- t.order_id IDENTITY : columns(lambda c: c like '%_id')
