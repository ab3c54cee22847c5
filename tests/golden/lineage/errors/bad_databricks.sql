-- dialect: databricks
select a b c from t
-- expected
-- error: databricks: Invalid expression / Unexpected token at line 1, column 12 near 'c'
