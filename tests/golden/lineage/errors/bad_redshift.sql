-- dialect: redshift
select a from t where a in (1, 2
-- expected
-- error: redshift: Expecting ) at line 1, column 32 near '2'
