-- dialect: postgres
-- schema: x(k, v)
delete from x where v > 10
-- expected
-- columns: 
-- writes: x
-- x/(all) <- x.v FILTER : v > 10
