-- dialect: athena
select a, b from t where a =
-- expected
-- error: athena: = is incomplete at line 1, column 28 near '='
