-- dialect: snowflake
-- why: A clause with nothing behind it
select a from t group by
-- expected
-- error: snowflake: incomplete at line 1, column 17 near 'group by'
