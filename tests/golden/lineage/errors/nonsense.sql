-- dialect: mysql
-- why: No statement at all
foo
-- expected
-- error: mysql: no statement begins so at line 1, column 1 near 'foo'
