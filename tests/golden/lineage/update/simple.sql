-- dialect: postgres
-- schema: x(k, v, w)
update x set v = v + 1, w = 'x' where k > 10
-- expected
-- columns: x/v, x/w
-- writes: x
-- x/v <- x.v TRANSFORMATION : v + 1
-- x/(all) <- x.k FILTER : k > 10
