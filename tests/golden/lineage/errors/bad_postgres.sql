-- dialect: postgres
select a, from t where = 1
-- expected
-- error: postgres: = is incomplete at line 1, column 26 near '1'
