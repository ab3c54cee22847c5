-- dialect: postgres
-- schema: x(k)
truncate table x
-- expected
-- columns: 
-- writes: x
