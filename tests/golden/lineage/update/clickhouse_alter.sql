-- dialect: clickhouse
-- schema: x(k, v)
alter table x update v = v + 1 where k = 1
-- expected
-- columns: x/v
-- writes: x
-- x/v <- x.v TRANSFORMATION : v + 1
-- x/(all) <- x.k FILTER : k = 1
