-- dialect: postgres
-- why: a VALUES list has columns of its own
select v.n * 2 as twice from (values (1, 'a'), (2, 'b')) as v (n, s)
-- expected
-- columns: twice
