-- dialect: spark
select (a from t
-- expected
-- error: spark: Expecting ) at line 1, column 11 near 'from'
