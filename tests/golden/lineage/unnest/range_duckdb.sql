-- dialect: duckdb
select range as n from range(10)
-- expected
-- columns: n
