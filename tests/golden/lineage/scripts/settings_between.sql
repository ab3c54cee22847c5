-- dialect: snowflake
-- schema: t(a)
use schema marts; set day = '2024'; select a from t; show tables
-- expected
-- columns: A
-- reads: T
-- A <- T.A IDENTITY : a
