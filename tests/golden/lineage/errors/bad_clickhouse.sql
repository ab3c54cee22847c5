-- dialect: clickhouse
select a from t where (a = 1
-- expected
-- error: clickhouse: Expecting ) at line 1, column 28 near '1'
