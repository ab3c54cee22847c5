-- dialect: redshift
-- schema: x(k, parent, v)
update x set v = p.v from x p where p.k = x.parent
-- expected
-- columns: x/v
-- reads: x
-- writes: x
-- x/v <- x.v IDENTITY : p.v
-- x/(all) <- x.k FILTER : p.k = x.parent
-- x/(all) <- x.parent FILTER : p.k = x.parent
