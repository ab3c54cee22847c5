-- dialect: tsql
-- schema: x(k)
-- why: what a procedure gives is not followed
insert into x (k) exec dbo.my_procedure
-- expected
-- columns: 
-- writes: x
-- finding: 1:13 not-followed: x: what is inserted is not a query
