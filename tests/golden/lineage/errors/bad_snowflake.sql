-- dialect: snowflake
select a from t group frm
-- expected
-- error: snowflake: Invalid expression / Unexpected token at line 1, column 23 near 'frm'
