-- dialect: snowflake
-- schema: t(a)
use schema marts; set day = '2024'; select a from t; show tables
-- expected
-- columns: A
-- A <- T.A IDENTITY : a
