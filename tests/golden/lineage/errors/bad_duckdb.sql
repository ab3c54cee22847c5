-- dialect: duckdb
select a from t where where b
-- expected
-- error: duckdb: WHERE is incomplete at line 1, column 23 near 'where'
