-- dialect: bigquery
select a from t where ) b
-- expected
-- error: bigquery: WHERE is incomplete at line 1, column 23 near ')'
