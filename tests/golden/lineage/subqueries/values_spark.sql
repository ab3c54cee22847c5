-- dialect: spark
select col1 + 1 as x from values (1, 2)
-- expected
-- columns: x
