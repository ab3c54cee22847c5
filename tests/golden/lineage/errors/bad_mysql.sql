-- dialect: mysql
select a from t where a in (1, 2
-- expected
-- error: mysql: Expecting ) at line 1, column 32 near '2'
