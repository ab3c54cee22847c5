-- dialect: trino
select case when a then b from t
-- expected
-- error: trino: Expected END after CASE at line 1, column 25 near 'b'
