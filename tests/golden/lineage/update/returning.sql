-- dialect: duckdb
-- schema: x(k, v)
update x set v = v * 2 returning v
-- expected
-- columns: x/v, v
-- writes: x
-- x/v <- x.v TRANSFORMATION : v * 2
-- v <- x.v TRANSFORMATION : v * 2
