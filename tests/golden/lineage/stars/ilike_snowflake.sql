-- dialect: snowflake
-- schema: t(user_id, name, order_id)
select * ilike '%id%' from t
-- expected
-- columns: USER_ID, ORDER_ID
-- reads: T
-- USER_ID <- T.USER_ID IDENTITY : *
-- ORDER_ID <- T.ORDER_ID IDENTITY : *
