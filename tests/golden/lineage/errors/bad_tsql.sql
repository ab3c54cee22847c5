-- dialect: tsql
select a from [t where b = 1
-- expected
-- error: tsql: not closed, from line 1, column 15: '[t where b = 1'
