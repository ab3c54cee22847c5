-- dialect: duckdb
select * from (values (1, 2)) as v
-- expected
-- columns: col0, col1
