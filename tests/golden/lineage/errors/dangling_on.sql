-- dialect: postgres
-- why: A join without its condition
select * from t join u on
-- expected
-- error: postgres: incomplete at line 1, column 24 near 'on'
