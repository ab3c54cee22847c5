-- dialect: oracle
select a from t where a = = 1
-- expected
-- error: oracle: = is incomplete at line 1, column 27 near '='
