-- dialect: hive
select a from t lateral view
-- expected
-- error: hive: LATERAL is incomplete at line 1, column 25 near 'view'
