-- dialect: postgres
values (1, 'a'), (2, 'b')
-- expected
-- columns: column1, column2
