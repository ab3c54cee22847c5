-- dialect: snowflake
select column1, $2 from values (1, 'a')
-- expected
-- columns: COLUMN1, $2
