-- dialect: mysql
-- schema: x(k, v)
insert into x set k = 1, v = 2
-- expected
-- columns: x/k, x/v
-- writes: x
