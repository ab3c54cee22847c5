-- dialect: bigquery
-- why: A template is not SQL yet
select {{ x }} from t
-- expected
-- error: bigquery: a template, not SQL at line 1, column 8 near '{'
