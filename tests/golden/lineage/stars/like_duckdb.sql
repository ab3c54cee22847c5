-- dialect: duckdb
-- schema: t(user_id, name, order_id)
select * like '%id' from t
-- expected
-- columns: user_id, order_id
-- reads: t
-- user_id <- t.user_id IDENTITY : * like '%id'
-- order_id <- t.order_id IDENTITY : * like '%id'
